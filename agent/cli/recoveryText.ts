/** What a signed recovery adopted, who is left, and what may be lost, for a person and for a script. */

import type { RecoveryPlan } from "../core/ledger/chain/recover.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import { baseOf, recoveryHash } from "../core/membership/epoch.ts";
import { memberNames } from "../core/membership/memberNames.ts";

/** A signed recovery. */
export type ToldRecovery = {
  readonly plan: RecoveryPlan;
  /** Of the new epoch. */
  readonly context: LedgerContext;
  readonly file: string;
};

/** @param told a signed recovery @returns one line of JSON */
export function recoveryJson({ plan, context, file }: ToldRecovery): string {
  const { recovery, count } = plan;
  const nameOf = namesOf(plan, context);
  const body = {
    schema: "edso.recovery/1",
    file,
    epoch: recovery.epoch,
    chainId: recoveryHash(recovery),
    proven: recovery.isProven,
    head: { height: recovery.head.height, hash: recovery.head.hash },
    prepared: recovery.prepared === null ? null : { height: baseOf(recovery).height, ...recovery.prepared },
    reporters: recovery.reporters.map(nameOf),
    needed: count.needed,
    lost: recovery.lost.map(nameOf),
    voters: votersOf(context),
  };
  return `${JSON.stringify(body)}\n`;
}

/** @param told a signed recovery @returns lines for a person */
export function recoveryText({ plan, context, file }: ToldRecovery): string {
  const { recovery, count } = plan;
  const { epoch, head, prepared, isProven } = recovery;
  const nameOf = namesOf(plan, context);
  const base = baseOf(recovery).height;
  const adopted =
    prepared === null
      ? "nothing above it was prepared"
      : `and block ${base}, which a quorum prepared in round ${prepared.round} and may have decided`;
  const reporters = recovery.reporters.map(nameOf).join(", ") || "nobody";
  const lost = recovery.lost.map(nameOf).join(", ");
  return [
    `epoch ${epoch} of microgrid ${context.genesis.microgridId} goes on after height ${base}`,
    `  adopted  ${head.height === 0 ? "the genesis" : `the certified chain up to block ${head.height}`}; ${adopted}`,
    `  reports  ${reporters}: ${count.sound} that count, of ${count.needed} needed among ${count.voters} voters`,
    `  lost     ${lost === "" ? "nobody is declared lost" : `${lost}: no members any more, their keys are never taken again`}`,
    `  voters   ${votersOf(context).join(", ")}`,
    isProven
      ? `  proven   every block that was decided is in the chain${lost === "" ? "" : ", if who is declared lost never votes again"}`
      : "  UNPROVEN too few reports: blocks above may have been decided, and what only they settle is lost",
    "  kept     readings that no block holds stay with their gateways and are settled in the new epoch",
    `  wrote    ${file}`,
    "next: give the file to every gateway that is left, in the place of its genesis, and start the agents",
    "",
  ].join("\n");
}

function namesOf({ recovery }: RecoveryPlan, { genesis }: LedgerContext) {
  return memberNames(genesis, recovery.roster);
}

function votersOf({ roster }: LedgerContext): readonly string[] {
  return roster.members.filter(({ isVoter }) => isVoter).map(({ name }) => name);
}
