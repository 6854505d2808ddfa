/** Recoveries and reports on paper, with real signatures, each part replaceable by what a test wants refused. */
import { encode } from "../../agent/core/codec.ts";
import { cborPreparedCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { signBytesOf } from "../../agent/core/consensus/message.ts";
import { ZERO_HASH } from "../../agent/core/hash.ts";
import type { AssembledBlock } from "../../agent/core/ledger/blocks/assemble.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { ReportedChain } from "../../agent/core/ledger/chain/judgeReport.ts";
import {
  type PreparedReport,
  type RecoveryReport,
  reportSignBytes,
  type SignedReport,
} from "../../agent/core/ledger/chain/recoveryReport.ts";
import { type LedgerContext, newestEpoch } from "../../agent/core/ledger/state/context.ts";
import { type RecoveryBody, recoverySignBytes } from "../../agent/core/membership/epoch.ts";
import type { SignedRecovery } from "../../agent/core/membership/genesisFile.ts";
import { signMessage } from "../../agent/core/signature.ts";
import { round as roundOf } from "../../agent/core/units.ts";
import { type ChainBuilder, memberNamed } from "./chainBuilder.ts";
import { secretKeyOf } from "./memoryStreet.ts";
import { quorumOf } from "./testCertificates.ts";

/** @param recovery any @param key whose name signs @returns it, signed */
export function signRecovery(recovery: RecoveryBody, key = "grid-admin"): SignedRecovery {
  return { recovery, signature: signMessage(secretKeyOf(key), recoverySignBytes(recovery)) };
}

/** @param chain on paper @returns what reports are judged against */
export function reportedChain({ context, state, entries }: ChainBuilder): ReportedChain {
  return { context, state, hashAt: (height) => entries[height - 1]?.blockHash ?? ZERO_HASH };
}

/** @param chain on paper @param name of the reporter @param changes to what it reports @param key whose name signs */
export function reportBy(
  chain: ChainBuilder,
  name: string,
  changes: Partial<RecoveryReport> = {},
  key = name,
): SignedReport {
  const { number: epoch, chainId } = newestEpoch(chain.context);
  const report: RecoveryReport = {
    member: memberNamed(chain.context, name).id,
    epoch,
    chainId,
    head: { height: chain.state.height, hash: chain.state.head },
    certificate: chain.headCertificate,
    prepared: null,
    isSound: true,
    ...changes,
  };
  return { report, signature: signMessage(secretKeyOf(key), reportSignBytes(report)) };
}

/** @param context with the voters of the block @param assembled the block @param round it was prepared in @param signers by default a quorum */
export function preparedOf(
  context: LedgerContext,
  assembled: AssembledBlock,
  round = 0,
  signers = quorumOf(context),
): PreparedReport {
  const { height, head: blockHash } = assembled.state;
  const place = { height, round: roundOf(round), blockHash };
  const signed = signers.map((voter) => {
    const name = context.roster.byId.get(voter)?.name ?? "stranger";
    const { chainId, epoch } = context.voters;
    const bytes = signBytesOf({ kind: "prepare", ...place, voter }, chainId, epoch);
    return { voter, signature: signMessage(secretKeyOf(name), bytes) };
  });
  const certificate = { ...place, signers: signed };
  const encoded = encode(cborPreparedCertificate(certificate, context.voters.voters));
  return { height, certificate: encoded, block: encodeBlock(assembled.block) };
}
