/** Reads what pan, the verifier that Spin generates, prints at its end. */

/** How a search ended; "incomplete" claims nothing. */
export type Outcome =
  | { readonly kind: "exhausted"; readonly states: number; readonly depth: number }
  | {
      readonly kind: "violated";
      readonly states: number;
      readonly depth: number;
      /** The violated assertion, as pan prints it. */
      readonly claim: string;
    }
  | { readonly kind: "incomplete"; readonly reason: string };

/** What makes a search less than exhaustive, whatever its error count says. */
const CUT_SHORT = [
  /max search depth too small/,
  /out of memory/,
  /reached -DMEMLIM bound/,
  /Search not completed/,
  /Bit statespace search/,
  /hash-?compact/i,
] as const;
const SUMMARY = /depth reached (\d+), errors: (\d+)/;
const STATES = /^\s*([\d.e+]+) states, stored/m;
const VIOLATED = /assertion violated +(.*?) *\(at depth (\d+)\)/;

/**
 * @param output pan's standard output
 * @returns how the search ended; an error that is no violated assertion is no result either
 */
export function readPanReport(output: string): Outcome {
  const summary = SUMMARY.exec(output);
  const states = STATES.exec(output);
  if (summary === null || states === null) return { kind: "incomplete", reason: "no summary" };
  const [, depth, errors] = summary;
  const violated = VIOLATED.exec(output);
  if (violated !== null) {
    const [, claim = "", at] = violated;
    return { kind: "violated", states: Number(states[1]), depth: Number(at), claim };
  }
  if (errors !== "0") return { kind: "incomplete", reason: "an error that is no violated assertion" };
  const cut = CUT_SHORT.find((mark) => mark.test(output));
  if (cut !== undefined) return { kind: "incomplete", reason: cut.source };
  return { kind: "exhausted", states: Number(states[1]), depth: Number(depth) };
}
