/**
 * The answer of every rule to untrusted input. Refusals are values, not throws:
 * `reject` blames the sender (malformed, forged), `ignore` blames nobody (stale, duplicate, early).
 */

/** Outcome of judging one piece of untrusted input; `code` is stable and counted. */
export type Verdict<T, Code extends string = string> =
  | { readonly kind: "accept"; readonly value: T }
  | { readonly kind: "ignore"; readonly code: Code; readonly detail?: string }
  | { readonly kind: "reject"; readonly code: Code; readonly detail?: string };

/** A verdict that refuses. */
export type Refusal<Code extends string = string> = Exclude<Verdict<never, Code>, { kind: "accept" }>;

/** @param value the judged input in its trusted form @returns an accepting verdict */
export function accept<T>(value: T): { readonly kind: "accept"; readonly value: T } {
  return { kind: "accept", value };
}

/** @param code stable code @param detail what was seen, short @returns a verdict that blames nobody */
export function ignore<Code extends string>(code: Code, detail?: string): Refusal<Code> {
  return detail === undefined ? { kind: "ignore", code } : { kind: "ignore", code, detail };
}

/** @param code stable code @param detail what was seen, short @returns a verdict that blames the sender */
export function reject<Code extends string>(code: Code, detail?: string): Refusal<Code> {
  return detail === undefined ? { kind: "reject", code } : { kind: "reject", code, detail };
}
