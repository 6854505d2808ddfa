/** One constant event name per line, plus flat fields with units. */
import type { ErrorDetail } from "../core/errors.ts";

/** Facts of one event. No value of a household at `info` or above. */
export type LogFields = ErrorDetail;

/** Where events go. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** @param error the failure; its code, detail and cause chain are logged as fields */
  error(event: string, error: unknown, fields?: LogFields): void;
}
