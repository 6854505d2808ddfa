/**
 * The name of one fact of the ledger that moved energy or coins: block, interval, section and place in it. It is what a
 * statement prints beside each line, and what whoever wants the line explained gives back.
 *
 * @source docs/market.md, "Statement"
 */
import { type Height, height, type IntervalIndex, intervalIndex } from "../../units.ts";

/** Letters of the sections of a block in a reference. */
export const SECTIONS = { correction: "c", trade: "t", residual: "r", transaction: "x" } as const;
export type Section = (typeof SECTIONS)[keyof typeof SECTIONS];

/** Which fact of which block. */
export type LineRef = {
  readonly height: Height;
  readonly section: Section;
  readonly interval: IntervalIndex;
  /** Its place in the section; of trades and residuals in that of the interval. From 0. */
  readonly place: number;
};

const FORM = /^(\d{1,15})-(\d{1,15})-([ctrx])(\d{1,6})$/;

/** @param ref of a fact @returns its text, such as `12-359083579-t0` */
export function formatLineRef({ height: at, section, interval, place }: LineRef): string {
  return `${at}-${interval}-${section}${place}`;
}

/** @param text as {@link formatLineRef} makes it @returns the reference, or null for any other text */
export function parseLineRef(text: string): LineRef | null {
  const [, at, interval, section, place] = FORM.exec(text) ?? [];
  if (at === undefined || interval === undefined || section === undefined || place === undefined) return null;
  const ref: LineRef = {
    height: height(Number(at)),
    section: section as Section,
    interval: intervalIndex(Number(interval)),
    place: Number(place),
  };
  // One text for one fact: no leading zeros.
  return formatLineRef(ref) === text ? ref : null;
}
