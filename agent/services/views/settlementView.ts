/** Whether intervals are being settled, or no quorum commits: then meters are read on, and balances stand unsettled. */
import { MAX_ROUND_MS } from "../../core/consensus/timing.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import { intervalAt } from "../../core/metering/interval.ts";
import { type UnixMs, unixMs } from "../../core/units.ts";
import type { SettlementView } from "../../ports/agentView.ts";
import { cutOffMs } from "../agreement/dso.ts";

/** Longest rounds that a height may be overdue by: one for a dead DSO, one for its successor, one to spare. */
const OVERDUE_ROUNDS = 3;

/** What it is told from. */
export type SettlementFacts = {
  readonly context: LedgerContext;
  readonly state: LedgerState;
  /** When the height in progress began here: at the last commit, or at the start. */
  readonly heightSinceMs: UnixMs;
  /** Heights that others claim to be further on. */
  readonly behindBy: number;
  readonly nowMs: UnixMs;
};

/**
 * @param facts of one moment
 * @returns `no-quorum` when the oldest open interval could have been settled for three of the longest rounds and was not
 * @source docs/protocol.md, "No quorum"
 */
export function settlementView(facts: SettlementFacts): SettlementView {
  const { context, state, heightSinceMs, behindBy, nowMs } = facts;
  const { intervalMs } = context.genesis;
  const ended = intervalAt(nowMs, intervalMs) - state.nextInterval;
  const dueMs = cutOffMs(context, state);
  const limitMs = OVERDUE_ROUNDS * Math.min(MAX_ROUND_MS, intervalMs);
  const isOverdue = nowMs - Math.max(dueMs, heightSinceMs) > limitMs;
  return {
    state: isOverdue && behindBy === 0 ? "no-quorum" : "settling",
    since: isOverdue && behindBy === 0 ? new Date(unixMs(dueMs)).toISOString() : null,
    unsettledIntervals: Math.max(0, ended),
  };
}
