/** One property of a campaign: runs so many cases from a seed. */
import fc from "fast-check";

/** What a run found wrong; null for nothing. */
export type CampaignFault = { readonly what: string; readonly counterexample: string };

/** @param seed of the run @param cases to draw @returns the first fault, shrunk, or null */
export type CampaignProperty = (seed: number, cases: number) => CampaignFault | null;

const LONGEST_COUNTEREXAMPLE = 4_000;

/**
 * @param arbitrary of a case
 * @param violationsOf names what does not hold of it
 * @returns the property
 */
export function property<Case>(
  arbitrary: fc.Arbitrary<Case>,
  violationsOf: (drawn: Case) => readonly string[],
): CampaignProperty {
  return (seed, cases) => {
    const holds = (drawn: Case) => {
      const found = violationsOf(drawn);
      if (found.length > 0) throw new Error(found.join(", "));
    };
    const result = fc.check(fc.property(arbitrary, holds), { seed, numRuns: cases });
    if (!result.failed) return null;
    const { errorInstance, counterexample } = result;
    return {
      what: errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
      counterexample: fc.stringify(counterexample).slice(0, LONGEST_COUNTEREXAMPLE),
    };
  };
}
