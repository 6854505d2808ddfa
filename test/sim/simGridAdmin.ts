/**
 * The GridAdmin of a street without a quorum: what `edso admin recover` does with blocks and reports, by the product's
 * rules, and the genesis file that it signs.
 */
import { isProvenBy } from "../../agent/core/consensus/recoveryCount.ts";
import { ZERO_HASH } from "../../agent/core/hash.ts";
import { type ChainEntry, verifyNext } from "../../agent/core/ledger/chain/chain.ts";
import {
  type JudgedReport,
  judgeReport,
  type ReportedChain,
} from "../../agent/core/ledger/chain/judgeReport.ts";
import { planRecovery } from "../../agent/core/ledger/chain/recover.ts";
import { encodeReport, readReport, type SignedReport } from "../../agent/core/ledger/chain/recoveryReport.ts";
import {
  chainContext,
  contextOfNext,
  genesisState,
  type LedgerContext,
} from "../../agent/core/ledger/state/context.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { type RecoveryBody, recoverySignBytes } from "../../agent/core/membership/epoch.ts";
import { genesisSignBytes } from "../../agent/core/membership/genesis.ts";
import {
  encodeGenesisFile,
  type GenesisFile,
  openGenesisFile,
} from "../../agent/core/membership/genesisFile.ts";
import type { SimStreet } from "./street.ts";

/** What came of a try. */
export type RecoveryTry =
  | {
      readonly kind: "signed";
      readonly recovery: RecoveryBody;
      /** Of the chain that goes on, up to the recovery's head. */
      readonly chain: ReportedChain;
      readonly context: LedgerContext;
    }
  | { readonly kind: "refused"; readonly code: string; readonly members: readonly MemberId[] };

/** One GridAdmin. */
export class SimGridAdmin {
  readonly #street: SimStreet;
  readonly #lost: readonly MemberId[];

  /** @param street of the run @param lost voters that it declares lost */
  constructor(street: SimStreet, lost: readonly MemberId[]) {
    this.#street = street;
    this.#lost = lost;
  }

  /** @param blocks of one gateway @param signed reports @returns the next epoch, or why there is none and whose report is to blame */
  recover(blocks: readonly ChainEntry[], signed: readonly SignedReport[]): RecoveryTry {
    const chain = this.#walked(blocks);
    const judged: JudgedReport[] = [];
    const refused: { readonly code: string; readonly member: MemberId }[] = [];
    for (const one of signed) {
      const read = readReport(encodeReport(one));
      const verdict = read.kind === "accept" ? judgeReport(chain, read.value) : read;
      if (verdict.kind === "accept") judged.push(verdict.value);
      else refused.push({ code: verdict.code, member: one.report.member });
    }
    const members = refused.map(({ member }) => member);
    if (refused.some(({ code }) => code === "REPORT_AHEAD"))
      return { kind: "refused", code: "RECOVERY_BLOCKS_SHORT", members };
    if (refused.length > 0) return { kind: "refused", code: "RECOVERY_REPORT_REFUSED", members };
    const plan = planRecovery(chain, judged, this.#lost);
    if (plan.kind !== "accept") return { kind: "refused", code: plan.code, members };
    if (!isProvenBy(plan.value.count)) return { kind: "refused", code: "RECOVERY_TOO_FEW", members };
    const { recovery, adopted } = plan.value;
    return { kind: "signed", recovery, chain, context: this.#signed(recovery, adopted) };
  }

  /** @returns how many vote at the height in progress of a chain */
  votersAbove(blocks: readonly ChainEntry[]): number {
    const { context, state } = this.#walked(blocks);
    return contextOfNext(context, state).voters.voters.length;
  }

  #walked(blocks: readonly ChainEntry[]): ReportedChain {
    const { context } = this.#street;
    let state = genesisState(context);
    const hashes = [ZERO_HASH];
    for (const entry of blocks) {
      const verified = verifyNext(context, state, entry);
      if (verified.kind !== "accept") throw new RangeError(`blocks for the GridAdmin: ${verified.code}`);
      state = verified.value.state;
      hashes.push(state.head);
    }
    return { context, state, hashAt: (height) => hashes[height] ?? ZERO_HASH };
  }

  /** Written as a file, and read as every gateway reads it. */
  #signed(recovery: RecoveryBody, adopted: GenesisFile["adopted"]): LedgerContext {
    const { context, signAsAdmin } = this.#street;
    const body = context.genesis;
    const genesis = { body, signature: signAsAdmin(genesisSignBytes(body)) };
    const recoveries = [{ recovery, signature: signAsAdmin(recoverySignBytes(recovery)) }];
    const { verify } = context.voters;
    const opened = openGenesisFile(encodeGenesisFile({ genesis, recoveries, adopted }), verify);
    if (opened.kind !== "accept")
      throw new RangeError(`genesis file of the next epoch: ${opened.code} ${opened.detail ?? ""}`);
    return chainContext(opened.value, verify);
  }
}
