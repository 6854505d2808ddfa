/** A device in memory that takes writes, late or not at all where a test wants it so. */
import type { RegisterAccess } from "../../drivers/registerAccess.ts";
import type { RegisterSpace } from "./registerSpace.ts";

/** What was written, in order. */
export type WritableDevice = RegisterAccess & {
  readonly written: (readonly [address: number, value: number | boolean])[];
  /** Writes that the device acknowledges and does not take. */
  deaf: boolean;
  /** Reads until a write shows. */
  slowReads: number;
  coils: Map<number, boolean>;
};

/** @param space its registers @returns the device */
export function writableDevice(space: RegisterSpace): WritableDevice {
  let pending: (() => void)[] = [];
  let readsSinceWrite = 0;
  const apply = (act: () => void, device: WritableDevice) => {
    if (device.deaf) return;
    if (device.slowReads === 0) act();
    else pending.push(act);
    readsSinceWrite = 0;
  };
  const device: WritableDevice = {
    written: [],
    deaf: false,
    slowReads: 0,
    coils: new Map(),
    read: async (read) => {
      if (readsSinceWrite++ >= device.slowReads) {
        for (const act of pending) act();
        pending = [];
      }
      return space.read(read);
    },
    writeRegisters: async (address, words) => {
      for (const [index, word] of words.entries()) device.written.push([address + index, word]);
      apply(() => space.put(address, words), device);
    },
    writeCoil: async (address, isOn) => {
      device.written.push([address, isOn]);
      apply(() => device.coils.set(address, isOn), device);
    },
    readCoil: async (address) => device.coils.get(address) ?? null,
  };
  return device;
}
