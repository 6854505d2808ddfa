/**
 * Gives up an epoch for good, and reports what this gateway knows of it. The renunciation is durable before the report
 * exists: a vote after it could decide a block that the report does not tell of.
 *
 * @source docs/protocol.md, "Recovery"; docs/adr/0026
 */
import { encode } from "../../core/codec.ts";
import { cborPreparedCertificate } from "../../core/consensus/certificateCodec.ts";
import type { OwnVote } from "../../core/consensus/ownVote.ts";
import { preparedByOwn } from "../../core/consensus/preparedByOwn.ts";
import {
  type PreparedReport,
  type RecoveryReport,
  reportSignBytes,
  type SignedReport,
} from "../../core/ledger/chain/recoveryReport.ts";
import { type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import { type MemberId, memberIdOf } from "../../core/membership/address.ts";
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

/** What a gateway that has renounced knows. */
export type ReportFacts = {
  readonly self: MemberId;
  readonly context: LedgerContext;
  readonly ledger: Pick<LedgerService, "state" | "headCertificate" | "contextAt">;
  /** Own votes, as the journal keeps them. */
  readonly votes: readonly OwnVote[];
  /** False when it may have forgotten votes. */
  readonly isSound: boolean;
};

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
  const abstention = abstentionAtStart({
    journal: voteJournal,
    outboxBoot: outbox.boot,
    ledgerHeight: ledger.state.height,
    ledgersSetAside: modules.ledgersSetAside,
    releasedHeight: outbox.lastRelease()?.height ?? 0,
  });
  if (abstention !== null) await voteJournal.abstain(abstention);
  if (voteJournal.renounced() === null) await voteJournal.renounce(outbox.boot);
  const isSound = abstention === null;
  const report = reportOf({ self, context, ledger, votes: voteJournal.votes(), isSound });
  return { signed: { report, signature: await signer.sign(reportSignBytes(report)) }, abstention };
}

/** @param facts of a gateway whose renunciation is durable @returns what it reports, to be signed */
export function reportOf({ self, context, ledger, votes, isSound }: ReportFacts): RecoveryReport {
  const { number: epoch, chainId } = newestEpoch(context);
  const { state, headCertificate: certificate } = ledger;
  const head = { height: state.height, hash: state.head };
  return { member: self, epoch, chainId, head, certificate, prepared: preparedAbove(votes, ledger), isSound };
}

function preparedAbove(votes: readonly OwnVote[], ledger: ReportFacts["ledger"]): PreparedReport | null {
  const height = heightOf(ledger.state.height + 1);
  const found = preparedByOwn(votes, height);
  if (found === null) return null;
  const { voters } = ledger.contextAt(height).voters;
  const certificate = encode(cborPreparedCertificate(found.prepared, voters));
  return { height, certificate, block: found.body };
}
