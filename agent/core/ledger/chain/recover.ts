/**
 * From reports to the recovery that the GridAdmin signs: what is adopted, who is left, and whether that is proven.
 *
 * @source docs/protocol.md, "Recovery"; docs/adr/0018; docs/adr/0026
 */
import { countReports, isProvenBy, type RecoveryCount } from "../../consensus/recoveryCount.ts";
import type { MemberId } from "../../membership/address.ts";
import { MAX_EPOCHS, type RecoveryBody } from "../../membership/epoch.ts";
import type { AdoptedBlock } from "../../membership/genesisFile.ts";
import { rosterOf } from "../../membership/roster.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { contextOfNext, newestEpoch } from "../state/context.ts";
import { stateRoot } from "../state/state.ts";
import { rosterAfterRecovery } from "./epochEnd.ts";
import type { JudgedReport, PreparedBlock, ReportedChain } from "./judgeReport.ts";

/** Codes a recovery is refused with. */
export type RecoveryRefusal =
  | "RECOVERY_TWO_REPORTS"
  | "RECOVERY_LOST_REPORTS"
  | "RECOVERY_LOST_UNKNOWN"
  | "RECOVERY_NO_VOTER"
  | "RECOVERY_TOO_OFTEN";

/** What the GridAdmin is to sign, and what it is made of. */
export type RecoveryPlan = {
  readonly recovery: RecoveryBody;
  /** The block that the recovery adopts; null when nobody reports one. */
  readonly adopted: AdoptedBlock | null;
  readonly count: RecoveryCount;
};

/**
 * Plans a recovery. Reports that are not sound do not count, but what they prove is taken over all the same: a prepared
 * certificate speaks for itself.
 *
 * @param chain certified, the longest there is
 * @param reports each accepted by `judgeReport`
 * @param lost voters that the GridAdmin declares lost for good
 * @returns the plan, proven or not, or why there is none
 */
export function planRecovery(
  chain: ReportedChain,
  reports: readonly JudgedReport[],
  lost: readonly MemberId[],
): Verdict<RecoveryPlan, RecoveryRefusal> {
  const { context, state } = chain;
  const { number, chainId } = newestEpoch(context);
  if (number + 1 >= MAX_EPOCHS) return reject("RECOVERY_TOO_OFTEN");
  const { voters } = contextOfNext(context, state).voters;
  const standing = judgeStanding(
    voters.map(({ id }) => id),
    reports,
    lost,
  );
  if (standing.kind !== "accept") return standing;
  const reporters = sorted(reports.filter(({ report }) => report.isSound).map(({ report }) => report.member));
  const count = countReports(voters.length, lost.length, reporters.length);
  const prepared = highestPrepared(reports);
  const roster = rosterAfterRecovery(prepared?.state ?? state, lost);
  if (!rosterOf(context.genesis, roster).members.some(({ isVoter }) => isVoter))
    return reject("RECOVERY_NO_VOTER");
  const recovery: RecoveryBody = {
    epoch: number + 1,
    previous: chainId,
    head: { height: state.height, hash: state.head, stateRoot: stateRoot(state) },
    prepared: prepared === null ? null : { round: prepared.round, hash: prepared.hash },
    roster,
    reporters,
    lost: sorted(lost),
    isProven: isProvenBy(count),
  };
  const adopted = prepared === null ? null : { certificate: prepared.certificate, block: prepared.block };
  return accept({ recovery, adopted, count });
}

/** Each voter is reported once, or declared lost, or neither. */
function judgeStanding(
  voters: readonly string[],
  reports: readonly JudgedReport[],
  lost: readonly MemberId[],
): Verdict<null, RecoveryRefusal> {
  const members = reports.map(({ report }) => report.member);
  const twice = members.find((member, index) => members.indexOf(member) !== index);
  if (twice !== undefined) return reject("RECOVERY_TWO_REPORTS", twice);
  for (const [index, member] of lost.entries()) {
    if (members.includes(member)) return reject("RECOVERY_LOST_REPORTS", member);
    if (!voters.includes(member) || lost.indexOf(member) !== index)
      return reject("RECOVERY_LOST_UNKNOWN", member);
  }
  return accept(null);
}

/** A block that was decided is the one of every later round, so the highest round has it. */
function highestPrepared(reports: readonly JudgedReport[]): PreparedBlock | null {
  const found = reports.flatMap(({ prepared }) => (prepared === null ? [] : [prepared]));
  return found.reduce<PreparedBlock | null>(
    (highest, one) => (highest === null || one.round > highest.round ? one : highest),
    null,
  );
}

function sorted(members: readonly MemberId[]): readonly MemberId[] {
  return members.toSorted();
}
