/** Every refusal of a block that can be reached, each by a block that is right in all else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCommitCertificate } from "../../../../../../agent/core/consensus/certificateCodec.ts";
import { MAX_BODY_BYTES } from "../../../../../../agent/core/consensus/messageCodec.ts";
import { hashOf, ZERO_HASH } from "../../../../../../agent/core/hash.ts";
import { type Block, encodeBlock } from "../../../../../../agent/core/ledger/blocks/block.ts";
import { judgeBlock, judgeCertificate } from "../../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import { MAX_LATE_PER_BLOCK } from "../../../../../../agent/core/ledger/settlement/lateSection.ts";
import { NO_LATE_MONEY } from "../../../../../../agent/core/market/settleLate.ts";
import type { SignedReading } from "../../../../../../agent/core/metering/reading.ts";
import { height, intervalIndex, round, term, wh } from "../../../../../../agent/core/units.ts";
import { ChainBuilder, FIRST_INTERVAL, measured } from "../../../../../support/chainBuilder.ts";
import { consumptionOrder } from "../../../../../support/marketCases.ts";
import {
  altered,
  chain,
  codeOf,
  context,
  good,
  goodRecall,
  ids,
  otherDso,
  outsider,
  recalled,
  state,
  voters,
  withBody,
  withCertificate,
  withHeader,
  withReadings,
  withRecall,
  withStated,
} from "../../../../../support/nextBlock.ts";
import { commitCertificate, recallOf } from "../../../../../support/testCertificates.ts";

const right = suite("block, right");

right("is accepted, with the state that its header names and the signatures counted", () => {
  const judged = judgeBlock(context, state, encodeBlock(good), null);
  assert.ok(judged.kind === "accept");
  assert.equal(judged.value.block, good);
  assert.is(judged.value.signatures, 3 + 4, "the parent's quorum and four readings");
  assert.is(judged.value.state.head, judged.value.blockHash);
  assert.is(judged.value.state.height, 2);
});

right("is accepted in round 0 as fresh, and in no other round", () => {
  assert.is(codeOf(good, round(0)), "accept");
  assert.is(codeOf(good, round(1)), "MANDATE_WRONG_ROUND");
});

right("of a recall is accepted in its round, later, and never fresh in another", () => {
  assert.is(codeOf(goodRecall, round(1)), "accept");
  assert.is(codeOf(goodRecall), "accept");
  assert.is(codeOf(goodRecall, round(0)), "MANDATE_WRONG_ROUND");
  assert.is(codeOf(goodRecall, round(2)), "MANDATE_WRONG_ROUND");
  const judged = judgeBlock(context, state, encodeBlock(goodRecall), null);
  assert.ok(judged.kind === "accept" && judged.value.signatures === 3 + 4 + 3);
});

right("leaves an office of the recalled term, with who signed the mandate", () => {
  const judged = judgeBlock(context, state, encodeBlock(goodRecall), null);
  assert.ok(judged.kind === "accept");
  assert.equal(judged.value.state.office, {
    dso: recalled.candidate,
    term: term((state.office?.term ?? 0) + 1),
    blocksInTerm: 1,
    mandate: { kind: "recall", height: height(2), round: round(1), signedBy: ids.slice(0, 3) },
  });
  const [before] = [state.office];
  assert.equal(before?.mandate, { kind: "genesis", height: height(1), round: null, signedBy: [] });
});

right.run();

const refused = suite("block, refused");
type Refused = readonly [name: string, code: string, block: () => Block | Uint8Array];

const forged = (block: Uint8Array | undefined) =>
  (block ?? new Uint8Array()).with(-1, ((block ?? []).at(-1) ?? 0) ^ 1);

const lateEntry = (signed: SignedReading) => ({
  signed,
  correction: {
    member: signed.reading.member,
    against: "imbalance" as const,
    generated: wh(0n),
    consumed: wh(0n),
    ...NO_LATE_MONEY,
  },
});

const ROWS: readonly Refused[] = [
  ["more than 1 MiB", "MESSAGE_TOO_LONG", () => new Uint8Array(MAX_BODY_BYTES + 1)],
  ["no CBOR", "NOT_CBOR", () => new Uint8Array(3).fill(0xff)],
  ["a byte too many", "NOT_CBOR", () => Uint8Array.of(...encodeBlock(good), 0)],
  ["a half float", "NOT_CANONICAL", () => Uint8Array.of(0xf9, 0x45, 0)],
  ["a list of nothing", "BAD_SHAPE", () => Uint8Array.of(0x80)],
  ["another chain", "BLOCK_WRONG_CHAIN", () => withHeader({ chainId: ZERO_HASH })],
  ["another epoch", "BLOCK_WRONG_CHAIN", () => withHeader({ epoch: 1 })],
  ["the height of its parent", "BLOCK_WRONG_HEIGHT", () => withHeader({ height: height(1) })],
  ["a height too far", "BLOCK_WRONG_HEIGHT", () => withHeader({ height: height(3) })],
  ["another parent", "BLOCK_WRONG_PARENT", () => withHeader({ parentHash: ZERO_HASH })],
  ["no interval", "BLOCK_WRONG_INTERVALS", () => withBody({ intervals: [] })],
  [
    "an interval skipped",
    "BLOCK_WRONG_INTERVALS",
    () =>
      withBody({
        intervals: good.body.intervals.map((one) => ({ ...one, interval: intervalIndex(one.interval + 1) })),
      }),
  ],
  [
    "an interval twice",
    "BLOCK_WRONG_INTERVALS",
    () => withBody({ intervals: [...good.body.intervals, ...good.body.intervals] }),
  ],
  ["another first interval", "BLOCK_WRONG_INTERVALS", () => withHeader({ from: FIRST_INTERVAL })],
  ["no parent certificate", "PARENT_CERTIFICATE_MISSING", () => withBody({ parentCertificate: null })],
  ["a parent certificate of nothing", "NOT_CBOR", () => withBody({ parentCertificate: new Uint8Array() })],
  [
    "a certificate of another block",
    "PARENT_CERTIFICATE_OTHER",
    () => withCertificate({ blockHash: ZERO_HASH }),
  ],
  [
    "a certificate of two voters",
    "TOO_FEW_VOTERS",
    () => withCertificate(commitCertificate(context, state.height, state.head, { signers: ids.slice(0, 2) })),
  ],
  ["a certificate of another round", "BAD_SIGNATURE", () => withCertificate({ round: round(1) })],
  [
    "a certificate with a forged signature",
    "BAD_SIGNATURE",
    () => withBody({ parentCertificate: forged(chain.headCertificate ?? undefined) }),
  ],
  [
    "a mandate's proof without a recall",
    "MANDATE_WRONG_KIND",
    () => withBody({ mandateProof: new Uint8Array(1) }),
  ],
  ["the genesis as mandate", "MANDATE_WRONG_KIND", () => withHeader({ mandate: "genesis" })],
  ["a term that ended early", "MANDATE_WRONG_KIND", () => withHeader({ mandate: "term-end" })],
  ["another DSO", "MANDATE_WRONG_DSO", () => withHeader({ dso: otherDso })],
  ["a stranger as DSO", "MANDATE_WRONG_DSO", () => withHeader({ dso: outsider })],
  ["another term", "MANDATE_WRONG_TERM", () => withHeader({ term: term(2) })],
  ["a recall without proof", "MANDATE_PROOF_MISSING", () => withHeader({ mandate: "recall" })],
  ["a recall proven by nothing", "NOT_CBOR", () => withBody({ mandateProof: new Uint8Array() }, goodRecall)],
  [
    "a recall of the right round without a new term",
    "MANDATE_WRONG_TERM",
    () => withHeader({ term: term(1) }, goodRecall),
  ],
  [
    "a recall by two voters",
    "TOO_FEW_VOTERS",
    () => withRecall(recallOf(context, state, 1, { signers: ids.slice(0, 2) })),
  ],
  [
    "a recall with a forged signature",
    "BAD_SIGNATURE",
    () =>
      withRecall({
        ...recalled,
        signers: recalled.signers.map((one) => ({ ...one, signature: new Uint8Array(64).fill(1) })),
      }),
  ],
  [
    "a recall for round 0",
    "ROUND_ZERO",
    () => withRecall({ ...recallOf(context, state, 1), round: round(0) }),
  ],
  [
    "a recall with a prepared round that is no earlier one",
    "BAD_PREPARED_CLAIM",
    () => withRecall(recallOf(context, state, 1, { prepared: { round: 1, hash: ZERO_HASH } })),
  ],
  [
    "a fresh block where one was prepared",
    "MANDATE_OVERRIDES_PREPARED",
    () => withRecall(recallOf(context, state, 1, { prepared: { round: 0, hash: hashOf(Uint8Array.of(1)) } })),
  ],
  [
    "a recall for another candidate",
    "MANDATE_WRONG_DSO",
    () => withRecall(recallOf(context, state, 1, { candidate: good.header.dso })),
  ],
  ["a stranger's reading", "NOT_IN_ROSTER", () => withStated(() => ({ member: outsider }))],
  [
    "a reading with a forged signature",
    "BAD_SIGNATURE",
    () =>
      withReadings((readings) => readings.map((one) => ({ ...one, signature: new Uint8Array(64).fill(1) }))),
  ],
  [
    "a reading of no meter",
    "READING_METERS",
    () => withStated(() => ({ content: measured([0, 0], { meters: [] }) })),
  ],
  [
    "a reading taken off the boundary",
    "READING_OFF_BOUNDARY",
    () => withStated(() => ({ content: measured([0, 0], { endOffsetMs: 9_001 }) })),
  ],
  [
    "a reading whose position is made up",
    "READING_INCONSISTENT",
    () => withStated(() => ({ content: measured([500, 100], { position: wh(1n) }) })),
  ],
  [
    "a reading of a settled interval as a late one",
    "READING_SETTLED",
    () => withBody({ late: [lateEntry(chain.blocks[0]!.block.body.intervals[0]!.readings[0]!)] }),
  ],
  [
    "a reading of an open interval as a late one",
    "LATE_OPEN_INTERVAL",
    () => withBody({ late: [lateEntry(good.body.intervals[0]!.readings[0]!)] }),
  ],
  [
    "more late readings than a block takes",
    "BAD_SHAPE",
    () => {
      const entry = lateEntry(good.body.intervals[0]!.readings[0]!);
      return withBody({ late: Array.from({ length: MAX_LATE_PER_BLOCK + 1 }, () => entry) });
    },
  ],
  [
    "a reading that goes on from other registers",
    "READING_REGISTERS",
    () => withStated(() => ({ content: measured([0, 0]) })),
  ],
  ["readings in another order", "READING_ORDER", () => withReadings((readings) => [...readings].reverse())],
  [
    "a reading of another interval",
    "READING_OTHER_INTERVAL",
    () => withStated(({ reading }) => ({ interval: intervalIndex(reading.interval + 1) })),
  ],
  [
    "a reading left out, but settled",
    "RECOMPUTED_OTHERWISE",
    () => withReadings((readings) => readings.slice(1)),
  ],
  ["no trade", "RECOMPUTED_OTHERWISE", () => altered({ trades: [] })],
  [
    "another signal",
    "RECOMPUTED_OTHERWISE",
    () => altered({ signal: { excess: wh(0n), deficit: wh(0n), unmet: wh(0n), unsold: wh(0n) } }),
  ],
  ["another stop reason", "RECOMPUTED_OTHERWISE", () => altered({ stop: "balanced" })],
  [
    "a missing member that is not",
    "RECOMPUTED_OTHERWISE",
    () => altered({ missing: [{ member: otherDso, reason: "silent" }] }),
  ],
  [
    "an order that nobody needs",
    "RECOMPUTED_OTHERWISE",
    () =>
      altered({
        orders: [consumptionOrder(otherDso, 1_003, 0n, 1n)],
      }),
  ],
  [
    "a word on an order that nobody was under",
    "RECOMPUTED_OTHERWISE",
    () =>
      withBody({
        intervals: good.body.intervals.map((settled) => ({
          ...settled,
          compliance: [
            {
              member: otherDso,
              kind: "consumption",
              max: wh(1n),
              measured: wh(0n),
              acknowledged: true,
              result: "complied",
            },
          ],
        })),
      }),
  ],
  [
    "a residual in an islanded street",
    "RECOMPUTED_OTHERWISE",
    () => altered({ residuals: [{ member: otherDso, kind: "bought", wh: wh(1n) }] }),
  ],
  ["another body root", "RECOMPUTED_OTHERWISE", () => withHeader({ bodyRoot: ZERO_HASH })],
  ["another state root", "RECOMPUTED_OTHERWISE", () => withHeader({ stateRoot: ZERO_HASH })],
  [
    "another last interval",
    "RECOMPUTED_OTHERWISE",
    () => withHeader({ to: intervalIndex(FIRST_INTERVAL + 9) }),
  ],
];

for (const [name, code, block] of ROWS) {
  refused(`with ${name}: ${code}`, () => assert.is(codeOf(block()), code));
}

refused("as the first block with a parent certificate, or under any mandate but the genesis", () => {
  const empty = new ChainBuilder(context);
  const first = empty.assemble([{}]).block;
  assert.is(codeOf(first, round(0), empty.state), "accept");
  assert.is(
    codeOf(withBody({ parentCertificate: chain.headCertificate }, first), null, empty.state),
    "PARENT_CERTIFICATE_OTHER",
  );
  assert.is(codeOf(withHeader({ mandate: "continued" }, first), null, empty.state), "MANDATE_WRONG_KIND");
});

refused("names the first part that differs", () => {
  const detailOf = (block: Block) => {
    const judged = judgeBlock(context, state, encodeBlock(block), null);
    return judged.kind === "accept" ? "" : judged.detail;
  };
  assert.is(detailOf(altered({ trades: [] })), `interval ${FIRST_INTERVAL + 1}: trades`);
  assert.is(detailOf(withHeader({ stateRoot: ZERO_HASH })), "header: stateRoot");
});

refused("with the certificate of another height, though it names the same hash", () => {
  const certificate = encodeCommitCertificate(commitCertificate(context, height(2), state.head), voters);
  const judged = judgeCertificate(context, state, certificate);
  assert.is(judged.kind === "accept" ? "accept" : judged.code, "BAD_SIGNATURE");
});

refused.run();
