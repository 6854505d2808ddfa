/**
 * Takes an answer of another gateway: every vote, transaction and reading through the judge of the gossip, every block recomputed
 * and with its own certificate. What does not hold is refused by code, and blames whoever sent it.
 */
import { decodeCommitCertificate } from "../../core/consensus/certificateCodec.ts";
import { blockHash, isBound, readBlock } from "../../core/ledger/blocks/block.ts";
import { verifyNext } from "../../core/ledger/chain/chain.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import { intervalStartMs } from "../../core/metering/interval.ts";
import { type Height, height as heightOf } from "../../core/units.ts";
import { accept, type Refusal, reject, type Verdict } from "../../core/verdict.ts";
import type { CertifiedBlock, SyncAnswer } from "../../core/wire/syncAnswer.ts";
import type { SyncSummary } from "../../core/wire/syncRequest.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Channel, Judge } from "../../ports/transport.ts";
import type { ConsensusService } from "../agreement/consensus.ts";
import type { RoundTrips } from "../agreement/roundTrips.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ProvenSnapshot } from "./snapshotFetch.ts";

/** Where what was fetched goes. */
export type IntakeModules = {
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly consensus: Pick<ConsensusService, "adopt" | "giveBody">;
  /** The judge of the gossip. */
  readonly judge: Judge;
  readonly clock: Clock;
  readonly roundTrips: Pick<RoundTrips, "lastMs">;
  /** Hears that another gateway, no further on than this one was, has given what it holds. */
  readonly onLevel: () => void;
};

/** What an answer brought; `refusal` is the first thing in it that did not hold. */
export type Intake = { readonly blocks: number; readonly refusal: Refusal | null };

/** Messages judged in one go: others get their turn after each. */
const MESSAGES_AT_ONCE = 32;

/**
 * @param modules of this gateway
 * @param asked the summary that the answer is for
 * @param answer decoded, unverified
 * @param peerId who sent it
 * @returns what came of it
 */
export async function takeAnswer(
  modules: IntakeModules,
  asked: SyncSummary,
  answer: SyncAnswer,
  peerId: string,
): Promise<Intake> {
  hearClock(modules, answer, peerId);
  // [REJECT] a claim with nothing to show for it; whoever has not got the blocks says so
  if (answer.blocks.length === 0 && answer.head > asked.head && answer.lowest <= asked.head + 1)
    return { blocks: 0, refusal: reject("SYNC_CLAIM_UNPROVEN", `height ${answer.head}`) };
  const adopted = answer.blocks.length === 0 ? NOTHING : await adoptBlocks(modules, asked.head, answer);
  if (adopted.refusal !== null) return adopted;
  const refusal =
    takeBodies(modules, asked, answer.bodies) ??
    (await takeMessages(modules, "votes", answer.votes, peerId)) ??
    (await takeMessages(modules, "transactions", answer.transactions, peerId)) ??
    (await takeMessages(modules, "readings", answer.readings, peerId));
  if (refusal === null && answer.head <= asked.head) modules.onLevel();
  return { ...adopted, refusal };
}

/**
 * @param modules of this gateway
 * @param snapshot proven
 * @returns false when the ledger has come further by itself; then nothing was done
 */
export function adoptSnapshot(
  { ledger, consensus }: Pick<IntakeModules, "ledger" | "consensus">,
  { block, state, changes }: ProvenSnapshot,
): Promise<boolean> {
  return new Promise((resolve) => {
    consensus.adopt(async () => {
      const isNewer = state.height > ledger.state.height;
      if (isNewer) await ledger.adopt(block, state, changes);
      resolve(isNewer);
      return isNewer;
    });
  });
}

function hearClock(
  { ledger, roundTrips, clock }: IntakeModules,
  { nowMs }: SyncAnswer,
  peerId: string,
): void {
  const tookMs = roundTrips.lastMs(peerId);
  if (clock.hear === undefined || tookMs === null) return;
  const { roster } = ledger.next;
  const voters = roster.members.flatMap((member) => (member.isVoter ? [member.peerId] : []));
  const notBeforeMs = intervalStartMs(ledger.state.nextInterval, ledger.next.genesis.intervalMs);
  clock.hear({ peerId, nowMs, tookMs }, { voters, notBeforeMs });
}

const NOTHING: Intake = { blocks: 0, refusal: null };

/** Waits for its turn between two inputs of the agreement; a failure to commit ends the agent there. */
function adoptBlocks(modules: IntakeModules, askedHead: Height, answer: SyncAnswer): Promise<Intake> {
  return new Promise((resolve) => {
    modules.consensus.adopt(async () => {
      let blocks = 0;
      for (const [index, block] of answer.blocks.entries()) {
        const adopted = await adoptBlock(modules, heightOf(askedHead + 1 + index), block);
        if (adopted.kind !== "accept") {
          resolve({ blocks, refusal: adopted });
          return false;
        }
        if (adopted.value) blocks += 1;
      }
      resolve({ blocks, refusal: null });
      return answer.head > modules.ledger.state.height;
    });
  });
}

/** @returns false when this gateway has that height by now */
async function adoptBlock(
  { context, ledger }: IntakeModules,
  height: Height,
  { block, certificate }: CertifiedBlock,
): Promise<Verdict<boolean>> {
  if (height <= ledger.state.height) return accept(false);
  const read = readBlock(block);
  if (read.kind !== "accept") return read;
  const entry = { height, blockHash: blockHash(read.value.header), block, certificate };
  const verified = verifyNext(context, ledger.state, entry);
  if (verified.kind !== "accept") return verified;
  const { voters } = ledger.contextAt(height).voters;
  const decoded = decodeCommitCertificate(certificate, height, voters);
  if (decoded.kind !== "accept") return decoded;
  await ledger.commit(verified.value.judged, decoded.value);
  return accept(true);
}

/** [REJECT] only bodies that were asked for, and only what hashes to that. */
function takeBodies(
  { consensus }: IntakeModules,
  asked: SyncSummary,
  bodies: readonly Uint8Array[],
): Refusal | null {
  for (const body of bodies) {
    const read = readBlock(body);
    if (read.kind !== "accept") return read;
    const hash = blockHash(read.value.header);
    if (!isBound(read.value) || !asked.wanted.includes(hash)) return reject("SYNC_BODY_OTHER", hash);
    consensus.giveBody(hash, body);
  }
  return null;
}

async function takeMessages(
  { judge, clock }: IntakeModules,
  channel: Channel,
  messages: readonly Uint8Array[],
  peerId: string,
): Promise<Refusal | null> {
  for (const [index, bytes] of messages.entries()) {
    if (index % MESSAGES_AT_ONCE === MESSAGES_AT_ONCE - 1)
      await new Promise<void>((resolve) => void clock.after(0, resolve));
    const verdict = judge({ channel, bytes, peerId });
    if (verdict.kind === "reject") return reject("SYNC_MESSAGE_REJECTED", verdict.code);
  }
  return null;
}
