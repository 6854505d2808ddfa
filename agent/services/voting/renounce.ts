/**
 * Gives up an epoch for good, and reports what this gateway knows of it. The renunciation is durable before the report
 * exists: a vote after it could decide a block that the report does not tell of.
 *
 * @source docs/protocol.md, "Recovery"; docs/adr/0026
 */
import { encode } from "../../core/codec.ts";
import { cborPreparedCertificate } from "../../core/consensus/certificateCodec.ts";
import { preparedByOwn } from "../../core/consensus/preparedByOwn.ts";
import { type LedgerContext, newestEpoch } from "../../core/ledger/context.ts";
import {
  type PreparedReport,
  type RecoveryReport,
  reportSignBytes,
  type SignedReport,
} from "../../core/ledger/recoveryReport.ts";
import { memberIdOf } from "../../core/membership/address.ts";
import { height as heightOf } from "../../core/units.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Signer } from "../../ports/signer.ts";
import type { Abstention, VoteJournal } from "../../ports/voteJournal.ts";
import { openInEpoch } from "../ledger/epochStart.ts";
import { LedgerService } from "../ledger/ledger.ts";
import { abstentionAtStart } from "./amnesia.ts";
import { enterEpoch } from "./epochEntry.ts";

/** What a stopped gateway consists of. */
export type RenounceModules = {
  readonly context: LedgerContext;
  readonly signer: Signer;
  readonly store: LedgerStore;
  readonly voteJournal: VoteJournal;
  readonly outbox: Outbox;
  /** Ledgers that were found damaged. */
  readonly ledgersSetAside: number;
  readonly logger: Logger;
};

/** A report, and why it does not count; null when it does. */
export type Renunciation = { readonly signed: SignedReport; readonly abstention: Abstention | null };

/**
 * Renounces the newest epoch of the genesis file; done again, it reports again.
 *
 * @param modules of a gateway whose agent does not run
 * @returns its signed report
 * @throws ServiceError as `LedgerService.start` and `enterEpoch`; JournalError, StoreError
 */
export async function renounce(modules: RenounceModules): Promise<Renunciation> {
  const { context, signer, store, voteJournal, outbox } = modules;
  const self = memberIdOf(signer.publicKey);
  const ledger = new LedgerService({ ...modules, self });
  await openInEpoch(ledger, store, context);
  await enterEpoch(voteJournal, outbox.boot, newestEpoch(context));
  const { state, headCertificate: certificate } = ledger;
  const abstention = abstentionAtStart({
    journal: voteJournal,
    outboxBoot: outbox.boot,
    ledgerHeight: state.height,
    ledgersSetAside: modules.ledgersSetAside,
    releasedHeight: outbox.lastRelease()?.height ?? 0,
  });
  if (abstention !== null) await voteJournal.abstain(abstention);
  const { number: epoch, chainId } = newestEpoch(context);
  if (voteJournal.renounced() === null) await voteJournal.renounce(outbox.boot);
  const report: RecoveryReport = {
    member: self,
    epoch,
    chainId,
    head: { height: state.height, hash: state.head },
    certificate,
    prepared: preparedAbove(modules, ledger),
    isSound: abstention === null,
  };
  return { signed: { report, signature: await signer.sign(reportSignBytes(report)) }, abstention };
}

function preparedAbove({ voteJournal }: RenounceModules, ledger: LedgerService): PreparedReport | null {
  const height = heightOf(ledger.state.height + 1);
  const found = preparedByOwn(voteJournal.votes(), height);
  if (found === null) return null;
  const { voters } = ledger.contextAt(height).voters;
  const certificate = encode(cborPreparedCertificate(found.prepared, voters));
  return { height, certificate, block: found.body };
}
