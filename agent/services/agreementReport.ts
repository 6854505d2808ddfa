/** What the agreement core only tells: recalls, contradictions, refused messages; logged and counted. */
import type { InstanceOutput } from "../core/consensus/instanceState.ts";
import type { Height } from "../core/units.ts";
import type { Logger } from "../ports/logger.ts";
import type { Refusals } from "./refusals.ts";

/** Outputs of the core that ask for nothing to be done. */
export type AgreementReport = Extract<
  InstanceOutput,
  { kind: "recall" | "equivocation" | "refused" | "need-body" }
>;

/**
 * @param report of the core
 * @param height in progress
 * @param logger for people
 * @param refusals counts what was refused
 */
export function reportAgreement(
  report: AgreementReport,
  height: Height,
  logger: Logger,
  refusals: Refusals,
): void {
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
      return refusals.note("EQUIVOCATION", "vote");
    case "refused":
      return refusals.note(report.code, "vote", report.from);
    case "need-body":
      return logger.warn("block.body-missing", { height, blockHash: report.blockHash });
    default:
      return report satisfies never;
  }
}
