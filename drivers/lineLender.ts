/** Lends the lines of an agent by whatever name the borrower has for them. */
import type { LineLender } from "../agent/ports/commissioning.ts";
import type { Line } from "./meter.ts";
import { isSameDevice } from "./modbus/stableName.ts";

/** An open line and its name in the configuration. */
export type NamedLine = { readonly config: { readonly port: string }; readonly line: Pick<Line, "lend"> };

/** @param lines of the agent @returns who lends them */
export function lenderOf(lines: readonly NamedLine[]): LineLender {
  return {
    lend: async (port) => {
      for (const { config, line } of lines)
        if (await isSameDevice(config.port, port)) return { port: config.port, takeBack: await line.lend() };
      return null;
    },
  };
}
