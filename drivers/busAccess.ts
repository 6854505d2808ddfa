/** Registers and coils of one unit of a bus, for what reads and writes without a meter's definition. */
import type { MeterTiming } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import type { Bus } from "./modbus/bus.ts";
import type { LineRequest } from "./modbus/lineRequest.ts";
import type { RegisterAccess } from "./registerAccess.ts";

/** @source Modbus Application Protocol V1.1b3, sections 6.3 and 6.12 */
const MOST_READ = 125;
const MOST_WRITTEN = 123;
const LAST_ADDRESS = 0xffff;
const MAX_WORD = 0xffff;
/** Inverters and relay boards answer slower than meters; the same silence as the slowest of these. */
const TIMING: MeterTiming = {
  thinkTimeMs: 100,
  answerTimeoutMs: 1_000,
  gapMs: 60,
  source: "as for meters; no maker of inverters or relays states its own",
};

/**
 * @param bus the line
 * @param unitId 1 … 247
 * @returns access that waits its turn among the line's meters; its writes throw `DRIVER_OPTION` for what no frame can carry
 */
export function busAccess(bus: Bus, unitId: number): RegisterAccess {
  const definition = { timing: TIMING, maxRegistersPerRead: MOST_READ };
  const ask = async (request: LineRequest): Promise<readonly number[]> => {
    const [answer] = await bus.ask({ unitId, definition, requests: [request] });
    return answer?.words ?? [];
  };
  const read = (request: LineRequest): Promise<readonly number[] | null> =>
    ask(request).catch((error: unknown) => {
      if (error instanceof DriverError && error.code === "DRIVER_EXCEPTION") return null;
      throw error;
    });
  return {
    read,
    writeRegisters: async (address, words) => {
      checkRange("words", words.length, 1, MOST_WRITTEN);
      checkRange("address", address, 0, LAST_ADDRESS + 1 - words.length);
      for (const word of words) checkRange("word", word, 0, MAX_WORD);
      await ask({ kind: "registers", address, words });
    },
    writeCoil: async (address, isOn) => {
      checkRange("coil", address, 0, LAST_ADDRESS);
      await ask({ kind: "coil", address, isOn });
    },
    readCoil: async (address) => {
      const words = await read({ table: "coil", address, count: 1 });
      return words === null ? null : words[0] === 1;
    },
  };
}

function checkRange(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new DriverError("DRIVER_OPTION", { option, value });
}
