/**
 * What a gateway does with its chain when its genesis file begins a later epoch: it refuses a chain that the recovery
 * has given up, and commits the block that the recovery adopts before anything is agreed on above it.
 *
 * @source docs/adr/0026
 */
import { decodeCommitCertificate } from "../../core/consensus/certificateCodec.ts";
import type { CommitCertificate } from "../../core/consensus/message.ts";
import { type BlockHeader, blockHash, readBlock } from "../../core/ledger/blocks/block.ts";
import { readHeader } from "../../core/ledger/blocks/header.ts";
import { type ChainEntry, type VerifiedBlock, verifyNext } from "../../core/ledger/chain/chain.ts";
import { contextAt, type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import { baseOf } from "../../core/membership/epoch.ts";
import { height as heightOf } from "../../core/units.ts";
import type { LedgerStore, StoredBlock } from "../../ports/ledgerStore.ts";
import { ServiceError } from "../base/serviceError.ts";
import type { LedgerService } from "./ledger.ts";

/** The block that a recovery adopts, judged. */
export type AdoptedNext = {
  readonly entry: ChainEntry;
  readonly verified: VerifiedBlock;
  readonly certificate: CommitCertificate;
};

/**
 * Opens the ledger and takes it to where the newest epoch goes on, unless blocks before that have to be fetched.
 *
 * @param ledger of this gateway
 * @param store of its blocks
 * @param context of the chain
 * @throws ServiceError `EPOCH_LEFT` or `EPOCH_OTHER_GENESIS` when its head is of another epoch than the file knows,
 *   `LEDGER_GIVEN_UP` when it holds other blocks than the newest epoch goes on from,
 *   `GENESIS_REFUSED` when the adopted block does not follow, and as `LedgerService.start`; StoreError
 */
export async function openInEpoch(
  ledger: LedgerService,
  store: LedgerStore,
  context: LedgerContext,
): Promise<void> {
  await refuseOtherEpoch(store, context);
  await refuseGivenUp(store, context);
  await ledger.start();
  await commitAdopted(ledger, context);
}

/**
 * @param context of the chain
 * @param state after the head
 * @returns the block that the newest epoch adopts, when it is the next one; null also below its parent: there it is
 *   fetched with the other blocks
 * @throws ServiceError `GENESIS_REFUSED` when it does not follow
 */
export function adoptedAbove(context: LedgerContext, state: LedgerState): AdoptedNext | null {
  const { adopted } = context;
  const { recovery } = newestEpoch(context);
  if (adopted === null || recovery === null || state.height !== recovery.head.height) return null;
  const { height, hash } = baseOf(recovery);
  const read = readBlock(adopted.block);
  const isNamed = read.kind === "accept" && blockHash(read.value.header) === hash;
  const entry = { height, blockHash: hash, ...adopted };
  const verified = isNamed ? verifyNext(context, state, entry) : null;
  const { voters } = contextAt(context, state, height).voters;
  const certificate = decodeCommitCertificate(adopted.certificate, height, voters);
  if (verified?.kind === "accept" && certificate.kind === "accept")
    return { entry, verified: verified.value, certificate: certificate.value };
  const reason = verified === null || verified.kind === "accept" ? "RECOVERED_OTHERWISE" : verified.code;
  const detail = "the adopted block does not follow";
  throw new ServiceError("GENESIS_REFUSED", { reason, height, detail });
}

/** A wrong file is no damage: the ledger would be set aside for it. */
async function refuseOtherEpoch(store: LedgerStore, context: LedgerContext): Promise<void> {
  const { number, chainId } = newestEpoch(context);
  const head = await store.head();
  const read = head === null ? null : headerOf(await store.block(head.height));
  if (read === null) return;
  if (read.epoch > number) throw new ServiceError("EPOCH_LEFT", { epoch: number, entered: read.epoch });
  if (number > 0 && read.epoch === number && read.chainId !== chainId)
    throw new ServiceError("EPOCH_OTHER_GENESIS", { epoch: number, chainId, entered: read.chainId });
}

async function refuseGivenUp(store: LedgerStore, context: LedgerContext): Promise<void> {
  const { recovery, number } = newestEpoch(context);
  if (recovery === null) return;
  const base = baseOf(recovery);
  // What lies below the first block of a fetched state is no part of the chain.
  if (store.base > base.height) return;
  const last = base.height === 0 ? null : await store.block(base.height);
  const isOther = last !== null && last.blockHash !== base.hash;
  const above = await store.block(heightOf(base.height + 1));
  if (isOther || (above !== null && headerOf(above)?.epoch !== number))
    throw new ServiceError("LEDGER_GIVEN_UP", { epoch: number, base: base.height, hash: base.hash });
}

async function commitAdopted(ledger: LedgerService, context: LedgerContext): Promise<void> {
  const next = adoptedAbove(context, ledger.state);
  if (next !== null) await ledger.commit(next.verified.judged, next.certificate);
}

function headerOf(stored: StoredBlock | null): BlockHeader | null {
  const read = stored === null ? null : readHeader(stored.block);
  return read?.kind === "accept" ? read.value.header : null;
}
