/** Counts refused input by its stable code, and logs it without letting a flood of it flood the log. */
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";

/** Where a refused input came from. */
export type RefusalOrigin = "reading" | "transaction" | "vote" | "block" | "meter" | "sync";

/** Counts and logs refusals. */
export type Refusals = {
  /** @param code stable code @param origin what was refused @param detail short, no household's value */
  readonly note: (code: string, origin: RefusalOrigin, detail?: string) => void;
  /** @returns counts by code, since start */
  readonly counts: () => readonly { readonly code: string; readonly count: number }[];
};

/** At most one line per code in this time. */
const QUIET_MS = 10_000;
/** Codes are ours and finite; a bound in case one ever carries input. */
const MAX_CODES = 200;

/** @param clock times the quiet @param logger where refusals are reported @returns a counter */
export function refusalCounter(clock: Clock, logger: Logger): Refusals {
  const counts = new Map<string, { count: number; loggedAtMs: number }>();
  return {
    note: (code, origin, detail) => {
      const nowMs = clock.monotonicMs();
      const entry = counts.get(code) ?? { count: 0, loggedAtMs: Number.NEGATIVE_INFINITY };
      if (!counts.has(code) && counts.size >= MAX_CODES) return;
      entry.count += 1;
      counts.set(code, entry);
      if (nowMs - entry.loggedAtMs < QUIET_MS) return;
      entry.loggedAtMs = nowMs;
      logger.warn("input.refused", {
        code,
        origin,
        count: entry.count,
        ...(detail === undefined ? {} : { detail }),
      });
    },
    counts: () =>
      [...counts].map(([code, { count }]) => ({ code, count })).sort((a, b) => (a.code < b.code ? -1 : 1)),
  };
}
