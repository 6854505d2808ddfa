/** What every rule of the ledger needs beside the state: the genesis, who votes, the order of ties, the verifier. */

import type { Seating } from "../consensus/candidates.ts";
import type { VerifyContext } from "../consensus/certificate.ts";
import { tieOrder } from "../market/tieOrder.ts";
import type { MemberId } from "../membership/address.ts";
import type { Genesis, GenesisBody } from "../membership/genesis.ts";
import { type Roster, rosterOf } from "../membership/roster.ts";
import type { Verify } from "../signature.ts";
import { emptyState, type LedgerState } from "./state.ts";

/** Fixed facts of one epoch. */
export type LedgerContext = {
  readonly genesis: GenesisBody;
  readonly roster: Roster;
  readonly tieOrder: readonly MemberId[];
  /** Voters, chain and verifier, as certificates are judged with. */
  readonly voters: VerifyContext;
};

/** @param genesis read and verified @param verify judges signatures @returns the facts of epoch 0 */
export function ledgerContext(genesis: Genesis, verify: Verify): LedgerContext {
  const roster = rosterOf(genesis);
  const ids = roster.members.map((member) => member.id);
  return {
    genesis: genesis.body,
    roster,
    tieOrder: tieOrder(genesis.body.seed, ids),
    voters: {
      voters: roster.members.map(({ id, publicKey }) => ({ id, publicKey })),
      chainId: roster.chainId,
      epoch: roster.epoch,
      verify,
    },
  };
}

/** @param context of the epoch @returns the state before block 1 */
export function genesisState(context: LedgerContext): LedgerState {
  return emptyState(
    context.roster.members.map((member) => member.id),
    context.genesis.firstInterval,
  );
}

/** @param context of the epoch @param state before a block @returns the committed facts that decide who may be DSO */
export function seatingOf(context: LedgerContext, state: LedgerState): Seating {
  return {
    voters: context.voters.voters.map((voter) => voter.id),
    office: state.office,
    termMax: context.genesis.termMax,
    ballots: ballotCounts(state),
    demoted: new Set(),
    seed: context.genesis.seed,
  };
}

function ballotCounts({ ballots }: LedgerState): ReadonlyMap<MemberId, number> {
  const counts = new Map<MemberId, number>();
  for (const candidate of ballots.values()) counts.set(candidate, (counts.get(candidate) ?? 0) + 1);
  return counts;
}
