/** A logger that remembers, for tests that look at what was logged. */
import type { LogFields, Logger } from "../../agent/ports/logger.ts";

/** One logged event. */
export type LoggedEvent = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
  readonly error?: unknown;
};

/** @returns a logger, and the list it appends to */
export function eventLog(): Logger & { readonly events: readonly LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  return {
    events,
    debug: (event, fields = {}) => events.push({ level: "debug", event, fields }),
    info: (event, fields = {}) => events.push({ level: "info", event, fields }),
    warn: (event, fields = {}) => events.push({ level: "warn", event, fields }),
    error: (event, error, fields = {}) => events.push({ level: "error", event, fields, error }),
  };
}
