/** What the agreement core only tells: recalls, contradictions, refused messages; logged and counted. */
import type { InstanceOutput } from "../../core/consensus/instanceState.ts";
import type { Vote } from "../../core/consensus/message.ts";
import type { Height } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Refusals } from "../base/refusals.ts";

/** Outputs of the core that ask for nothing to be done. */
export type AgreementReport = Extract<
  InstanceOutput,
  { kind: "recall" | "equivocation" | "refused" | "need-body" }
>;

/** Who hears of it. */
export type AgreementAudience = {
  readonly logger: Logger;
  readonly refusals: Refusals;
  /** Hears of two different votes of one voter for one place. */
  readonly onEquivocation: (first: Vote, second: Vote) => void;
};

/**
 * @param report of the core
 * @param height in progress
 * @param audience that hears of it
 */
export function reportAgreement(report: AgreementReport, height: Height, audience: AgreementAudience): void {
  const { logger, refusals } = audience;
  switch (report.kind) {
    case "recall":
      return logger.warn("dso.recalled", {
        height,
        fromRound: report.fromRound,
        toRound: report.toRound,
        reason: report.reason,
        candidate: report.candidate,
        detail: report.detail ?? null,
      });
    case "equivocation":
      logger.warn("vote.equivocation", { height, kind: report.first.kind, round: report.first.round });
      audience.onEquivocation(report.first, report.second);
      return refusals.note("EQUIVOCATION", "vote");
    case "refused":
      return refusals.note(report.code, "vote", report.from);
    case "need-body":
      return logger.warn("block.body-missing", { height, blockHash: report.blockHash });
    default:
      return report satisfies never;
  }
}
