/** What a line carries: flat facts that JSON can hold, and a failure with its causes spread out flat. */
import { isAgentError } from "../../core/errors.ts";
import type { LogFields } from "../../ports/logger.ts";

/** A fact as a line carries it. */
export type LineValue = string | number | boolean | null;

/** Names that belong to the line itself; a field of that name gets an underscore. */
const RESERVED: ReadonlySet<string> = new Set(["time", "level", "event"]);
/** Causes followed below a failure: enough for any real chain, and an end for one that loops. */
const MAX_CAUSES = 8;

/**
 * Makes facts fit for JSON.
 *
 * @param fields facts, integers of any size among them
 * @returns the same; an integer beyond 2^53 and a number that is none as text
 */
export function lineFields(fields: LogFields): Record<string, LineValue> {
  const line: Record<string, LineValue> = {};
  for (const [key, value] of Object.entries(fields))
    line[RESERVED.has(key) ? `${key}_` : key] = lineValue(value);
  return line;
}

/**
 * Spreads a failure into facts: `code`, its detail, and `cause1`, `cause2`… downwards. What carries no code of ours
 * is a bug or a system error: its message and, without any code, its stack go along.
 *
 * @param error anything that was thrown
 * @returns flat facts
 */
export function errorFields(error: unknown): LogFields {
  const fields: Record<string, string | number | boolean | bigint | null> = {};
  if (isAgentError(error)) Object.assign(fields, error.detail, { code: error.code });
  else Object.assign(fields, foreignFields(error));
  let cause = causeOf(error);
  for (let depth = 1; depth <= MAX_CAUSES && cause !== undefined; depth += 1) {
    fields[`cause${depth}`] = describeCause(cause);
    cause = causeOf(cause);
  }
  return fields;
}

function foreignFields(error: unknown): LogFields {
  const code = systemCode(error);
  if (code !== undefined && error instanceof Error) return { code, message: error.message };
  if (error instanceof Error)
    return { code: "UNEXPECTED", message: error.message, stack: error.stack ?? null };
  return { code: "UNEXPECTED", message: String(error) };
}

function describeCause(cause: unknown): string {
  if (isAgentError(cause)) return cause.message;
  if (!(cause instanceof Error)) return String(cause);
  const code = systemCode(cause);
  return code === undefined || cause.message.includes(code)
    ? `${cause.name}: ${cause.message}`
    : `${cause.name} ${code}: ${cause.message}`;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function lineValue(value: string | number | boolean | bigint | null): LineValue {
  if (typeof value === "bigint") return isSafe(value) ? Number(value) : value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}
