/** The second block of a street of four, and what it becomes when one part of it is changed. */
import { encodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { mandateFor } from "../../agent/core/consensus/mandate.ts";
import type { CommitCertificate, RoundChangeCertificate } from "../../agent/core/consensus/message.ts";
import { assembleBlock } from "../../agent/core/ledger/blocks/assemble.ts";
import {
  type Block,
  type BlockBody,
  type BlockHeader,
  bodyRoot,
  encodeBlock,
} from "../../agent/core/ledger/blocks/block.ts";
import { judgeBlock } from "../../agent/core/ledger/blocks/judgeBlock.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import { seatingOf } from "../../agent/core/ledger/state/context.ts";
import { memberIdFromBytes } from "../../agent/core/membership/address.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { type Round, round } from "../../agent/core/units.ts";
import { ChainBuilder, signReading, testContext } from "./chainBuilder.ts";
import { commitCertificate, recallOf } from "./testCertificates.ts";

export const context = testContext(4);
export const { voters } = context.voters;
export const ids = context.roster.members.map((member) => member.id);

/** One settled block, and the next one assembled on it. */
export const chain = new ChainBuilder(context);
chain.settle([{ dep1: [500, 100], dep2: [0, 300], dep3: [0, 50], dep4: [0, 0] }]);
export const state = chain.state;
export const good = chain.assemble([{ dep1: [500, 100], dep2: [0, 300], dep3: [0, 50], dep4: [0, 0] }]).block;
export const recalled = recallOf(context, state, 1);
export const goodRecall = withRecall(recalled);

export function codeOf(block: Block | Uint8Array, freshRound: Round | null = null, before = state): string {
  const judged = judgeBlock(
    context,
    before,
    block instanceof Uint8Array ? block : encodeBlock(block),
    freshRound,
  );
  return judged.kind === "accept" ? "accept" : judged.code;
}

export const withHeader = (changes: Partial<BlockHeader>, block = good): Block => ({
  ...block,
  header: { ...block.header, ...changes },
});

/** The body root follows the body, so that nothing but the change itself is wrong. */
export function withBody(changes: Partial<BlockBody>, block = good): Block {
  const body = { ...block.body, ...changes };
  return { header: { ...block.header, bodyRoot: bodyRoot(body) }, body };
}

export function withReadings(
  change: (readings: readonly SignedReading[]) => readonly SignedReading[],
): Block {
  return withBody({
    intervals: good.body.intervals.map((settled) => ({ ...settled, readings: change(settled.readings) })),
  });
}

/** Changes what the first reading states, signed anew. */
export const withStated = (change: (first: SignedReading) => Partial<SignedReading["reading"]>): Block =>
  withReadings(([first, ...rest]) => [
    signReading(context, { ...first!.reading, ...change(first!) }),
    ...rest,
  ]);

export function withRecall(certificate: RoundChangeCertificate): Block {
  const claim = {
    ...mandateFor(seatingOf(context, state), round(1), recalled),
    mandate: { kind: "recall", certificate },
  } as const;
  const intervals = good.body.intervals.map((settled) => settled.readings);
  return assembleBlock(context, state, {
    parentCertificate: chain.headCertificate,
    claim,
    late: [],
    intervals,
    transactions: [],
  }).block;
}

export function withCertificate(changes: Partial<CommitCertificate>): Block {
  const certificate = { ...commitCertificate(context, state.height, state.head), ...changes };
  return withBody({ parentCertificate: encodeCommitCertificate(certificate, voters) });
}

export const outsider = memberIdFromBytes(new Uint8Array(20));
export const otherDso = ids.find((id) => id !== good.header.dso) ?? outsider;
export const altered = (changes: Partial<SettledInterval["outcome"]>): Block =>
  withBody({
    intervals: good.body.intervals.map((settled) => ({
      ...settled,
      outcome: { ...settled.outcome, ...changes },
    })),
  });
