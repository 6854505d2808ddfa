/** The one error shape of the product: a stable code, flat facts, and the cause. */

/** Facts that go with an error; keys name their unit (`timeoutMs`). Flat, so that a log line can carry them. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean | bigint | null>>;

/**
 * Base of every thrown failure. Each area has one subclass with its closed set of codes.
 *
 * @param code stable identifier, `AREA_REASON`
 * @param detail flat facts, keys named with units
 * @param cause the failure underneath, if any
 */
export class AgentError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly detail: ErrorDetail;

  constructor(code: Code, detail: ErrorDetail = {}, cause?: unknown) {
    super(describe(code, detail), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Narrows an unknown throw to one of ours.
 *
 * @param error anything that was thrown
 * @returns true when it carries one of our codes
 */
export function isAgentError(error: unknown): error is AgentError {
  return error instanceof AgentError;
}

function describe(code: string, detail: ErrorDetail): string {
  const facts = Object.entries(detail).map(([key, value]) => `${key}=${String(value)}`);
  return facts.length === 0 ? code : `${code}: ${facts.join(" ")}`;
}
