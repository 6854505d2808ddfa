/** What the figures and tables call a gateway. */
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { CaseStudy } from "./caseStudy.ts";
import { memberNamed } from "./street.ts";

/** How gateways are labelled. */
export type Labels = {
  /** @param name of a gateway @returns the label that was given for it, otherwise its full address */
  readonly of: (name: string) => string;
};

/** @param study a finished run @param given labels by gateway name @returns the labels */
export function labelsOf({ context }: CaseStudy, given: ReadonlyMap<string, string>): Labels {
  return { of: (name) => given.get(name) ?? memberNamed(context, name).address };
}

/** @param name of a gateway @returns what the paper calls it: `DEP 1` */
export function paperName(name: string): string {
  return name.toUpperCase().replace(/(\d+)$/, " $1");
}

/** @param study a finished run @param member of its street @returns what the paper calls it */
export function nameOf({ context }: CaseStudy, member: MemberId): string {
  return paperName(context.roster.byId.get(member)?.name ?? member);
}
