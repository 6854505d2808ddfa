/** Recomputes proposed and decided blocks on the present head, and remembers what it found right. */
import type { CommitCertificate } from "../core/consensus/message.ts";
import type { Hash } from "../core/hash.ts";
import type { LedgerContext } from "../core/ledger/context.ts";
import { type JudgedBlock, judgeBlock } from "../core/ledger/judgeBlock.ts";
import { intervalEndMs } from "../core/metering/interval.ts";
import type { Round } from "../core/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { LedgerService } from "./ledger.ts";
import type { Refusals } from "./refusals.ts";
import { ServiceError } from "./serviceError.ts";

/** What judging needs. */
export type BlockJudgeModules = {
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly clock: Clock;
  readonly refusals: Refusals;
};

/** What a proposed block turned out to be; an early one is right, but its last interval has not ended here yet. */
export type Judgement =
  | { readonly verdict: "valid" }
  | { readonly verdict: "early"; readonly waitMs: number }
  | { readonly verdict: "invalid"; readonly reason: string };

/** The judge of one height. */
export type BlockJudge = {
  /** @param body of a proposal @param freshRound in which it is proposed for the first time; null when again */
  readonly judge: (body: Uint8Array, freshRound: Round | null) => Judgement;
  /**
   * @param certificate of a quorum
   * @param body that hashes to what it certifies
   * @returns the block, judged before or now
   * @throws ServiceError `AGREEMENT_CERTIFIED_INVALID`: the quorum is not honest, or this gateway is wrong
   */
  readonly decided: (certificate: CommitCertificate, body: Uint8Array) => JudgedBlock;
};

/** How far this clock may be behind the DSO's before an interval counts as not ended, in ms. */
const CLOCK_SKEW_MS = 500;

/** @param modules chain, head and clock @returns a judge that has seen nothing yet */
export function blockJudge({ context, ledger, clock, refusals }: BlockJudgeModules): BlockJudge {
  const right = new Map<Hash, JudgedBlock>();
  return {
    judge: (body, freshRound) => {
      const judged = judgeBlock(context, ledger.state, body, freshRound);
      if (judged.kind !== "accept") {
        refusals.note(judged.code, "block", judged.detail);
        return { verdict: "invalid", reason: judged.code };
      }
      right.set(judged.value.blockHash, judged.value);
      const endedAtMs = intervalEndMs(judged.value.block.header.to, context.genesis.intervalMs);
      const waitMs = endedAtMs - CLOCK_SKEW_MS - clock.nowMs();
      return waitMs <= 0 ? { verdict: "valid" } : { verdict: "early", waitMs };
    },
    decided: (certificate, body) => {
      const known = right.get(certificate.blockHash);
      if (known !== undefined) return known;
      const judged = judgeBlock(context, ledger.state, body, null);
      if (judged.kind === "accept") return judged.value;
      const { height, blockHash } = certificate;
      throw new ServiceError("AGREEMENT_CERTIFIED_INVALID", { height, blockHash, reason: judged.code });
    },
  };
}
