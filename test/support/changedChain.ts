/** Chains whose voters change, with the trail that a gateway would have kept of them. */
import { isSnapshotHeight, snapshotsToDrop } from "../../agent/core/ledger/chain/snapshotPlan.ts";
import { trailEntry } from "../../agent/core/ledger/chain/trailEntry.ts";
import { encodeState } from "../../agent/core/ledger/state/state.ts";
import { GRID_ADMIN, type TransactionSigner } from "../../agent/core/ledger/state/transaction.ts";
import type { RosterChange } from "../../agent/core/membership/rosterDelta.ts";
import { height } from "../../agent/core/units.ts";
import type { StoredChange, StoredSnapshot } from "../../agent/ports/ledgerStore.ts";
import { type ChainBuilder, signTransaction } from "./chainBuilder.ts";
import type { StoreDisk } from "./memoryStore.ts";

/** A change that a block of that height holds; whoever asks for it is the GridAdmin unless named. */
export type PlannedChange = {
  readonly at: number;
  readonly change: RosterChange;
  readonly signer?: TransactionSigner;
};

/** What a gateway keeps beside the blocks. */
export type Kept = {
  readonly changes: readonly StoredChange[];
  /** Newest first. */
  readonly snapshots: readonly StoredSnapshot[];
};

/**
 * @param chain that goes on
 * @param to height that it goes on to, one interval a block, in which nobody says anything
 * @param plans of changes above its head
 * @param kept of the chain so far
 * @returns what is kept of it then
 */
export function settleWith(
  chain: ChainBuilder,
  to: number,
  plans: readonly PlannedChange[],
  kept: Kept = { changes: [], snapshots: [] },
): Kept {
  let { changes, snapshots } = kept;
  while (chain.state.height < to) {
    const plan = plans.find(({ at }) => at === chain.state.height + 1);
    const { height: at, blockHash, block, certificate } = settle(chain, plan);
    const entry = trailEntry(block, certificate, chain.state);
    if (entry !== null) changes = [...changes, { height: at, entry }];
    if (!isSnapshotHeight(at)) continue;
    const all = [{ height: at, blockHash, state: encodeState(chain.state) }, ...snapshots];
    const gone = snapshotsToDrop(
      all.map((one) => one.height),
      height(0),
    );
    snapshots = all.filter((one) => !gone.includes(one.height));
  }
  return { changes, snapshots };
}

/** @param chain from the genesis @param kept of it @returns the disk of a gateway that has all of it */
export function diskOf(chain: ChainBuilder, { changes, snapshots }: Kept): StoreDisk {
  return { blocks: [...chain.entries], state: encodeState(chain.state), changes, snapshots };
}

function settle(chain: ChainBuilder, plan: PlannedChange | undefined) {
  if (plan === undefined) return chain.settle([{}]);
  const { signer = GRID_ADMIN, change } = plan;
  const sequence = (chain.state.sequences.get(signer) ?? 0) + 1;
  const content = { kind: "roster", change } as const;
  const signed = signTransaction(chain.context, { signer, sequence, content });
  const entry = chain.append(chain.assembleOf([[]], 0, [signed]));
  const [settled] = chain.blocks.at(-1)?.block.body.transactions ?? [];
  if (settled?.refusal !== null) throw new Error(`${entry.height}: ${settled?.refusal}`);
  return entry;
}
