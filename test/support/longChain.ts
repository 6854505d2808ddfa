/** Chains of hundreds of blocks on the disks of a street, as if it had run for days. */
import { isSnapshotHeight, snapshotsToDrop } from "../../agent/core/ledger/chain/snapshotPlan.ts";
import { encodeState } from "../../agent/core/ledger/state/state.ts";
import { height } from "../../agent/core/units.ts";
import type { StoredSnapshot } from "../../agent/ports/ledgerStore.ts";
import { ChainBuilder, type Did } from "./chainBuilder.ts";
import type { StoreDisk } from "./memoryStore.ts";
import { INTERVAL_MS, type MemoryStreet } from "./memoryStreet.ts";

/**
 * @param street whose members sign
 * @param blocks how many, one interval each
 * @param did what each member did in each interval; nobody says anything when it is empty
 * @returns a disk with all of them and the snapshots that a store would have kept
 */
export function longChain(
  street: MemoryStreet,
  blocks: number,
  did: Readonly<Record<string, Did>> = {},
): StoreDisk & { readonly snapshots: readonly StoredSnapshot[] } {
  const chain = new ChainBuilder(street.context);
  let snapshots: readonly StoredSnapshot[] = [];
  while (chain.entries.length < blocks) {
    const { height: at, blockHash } = chain.settle([did]);
    if (!isSnapshotHeight(at)) continue;
    const kept = [{ height: at, blockHash, state: encodeState(chain.state) }, ...snapshots];
    const gone = snapshotsToDrop(
      kept.map((one) => one.height),
      height(0),
    );
    snapshots = kept.filter((one) => !gone.includes(one.height));
  }
  return { blocks: [...chain.entries], state: encodeState(chain.state), snapshots };
}

/** @param street nothing of which has started @param name of a gateway @param disk that its ledger is from now on */
export function giveLedger(street: MemoryStreet, name: string, disk: StoreDisk): void {
  Object.assign(street.gateway(name).storeDisk, { ...disk, blocks: [...disk.blocks], isSound: true });
}

/** Lets the time pass that a chain of so many blocks took, then starts every gateway on its disks. */
export async function startAfter(street: MemoryStreet, blocks: number): Promise<void> {
  await street.clock.advance((blocks + 1) * INTERVAL_MS);
  for (const { name } of street.gateways) await street.restart(name);
}
