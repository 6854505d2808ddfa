/** A device of the meter's drivers on registers in memory. */
import { unixMs } from "../../agent/core/units.ts";
import type { Device } from "../../drivers/deviceMeter.ts";
import { DriverError } from "../../drivers/driverError.ts";
import type { FramedRead } from "../../drivers/sample.ts";
import type { RegisterSpace } from "./registerSpace.ts";

/** @param space its registers @param exceptionCode of every refusal @returns the device; each read arrives a second later */
export function fakeDevice(space: RegisterSpace, exceptionCode = 2): Device {
  let nowMs = 0;
  return {
    unitId: 1,
    read: async (reads) => {
      const answers: FramedRead[] = [];
      for (const read of reads) {
        const words = await space.read(read);
        if (words === null) throw new DriverError("DRIVER_EXCEPTION", { exceptionCode });
        nowMs += 1000;
        const frame = { request: new Uint8Array(), response: new Uint8Array(), receivedAtMs: unixMs(nowMs) };
        answers.push({ read, words, frame });
      }
      return answers;
    },
    durationMs: (counts) => counts.reduce((sum, count) => sum + count, 0),
    counters: () => ({ ok: 0, timeout: 0, crc: 0, wrongUnit: 0, exception: 0, late: 0, echo: 0 }),
  };
}
