/** What becomes of a line, for the log: one line when it goes, one when it is back. */
import type { Logger } from "../../ports/logger.ts";

/** As the drivers tell it. */
export type LineEvent =
  | { readonly kind: "port-gone"; readonly error: Error }
  | { readonly kind: "port-back"; readonly goneForMs: number };

/** @param logger of the agent @param port as configured @returns takes the events of that line */
export function lineEventLog(logger: Logger, port: string): (event: LineEvent) => void {
  return (event) =>
    event.kind === "port-gone"
      ? logger.error("line.port-gone", event.error, { port })
      : logger.info("line.port-back", { port, goneForMs: event.goneForMs });
}
