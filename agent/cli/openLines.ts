/** Lines that a command keeps open over several read-outs, each opened when it is first needed. */
import type { DeviceCounters, MeterReadOut } from "../ports/meter.ts";
import type { CliDependencies, MeterTarget, OpenLine, OpenLineOptions } from "./dependencies.ts";

/** Lines by port. */
export interface OpenLines {
  /** @param target meter to read @returns everything it tells @throws DriverError */
  readOut(target: MeterTarget): Promise<MeterReadOut>;
  /** @param target meter @returns what became of its requests; null when its line is not open */
  counters(target: MeterTarget): DeviceCounters | null;
  close(): Promise<void>;
}

/** @param dependencies of the composition root @param options for every line @returns none open yet */
export function openLines(dependencies: CliDependencies, options: OpenLineOptions = {}): OpenLines {
  const lines = new Map<string, OpenLine>();
  const lineOf = async (target: MeterTarget): Promise<OpenLine> => {
    const line = lines.get(target.port) ?? (await dependencies.openLine(target, options));
    lines.set(target.port, line);
    return line;
  };
  return {
    readOut: async (target) => (await lineOf(target)).readOut(target),
    counters: (target) => lines.get(target.port)?.counters(target) ?? null,
    close: async () => {
      for (const line of lines.values()) await line.close();
    },
  };
}
