/** Received readings at the edges of time, and votes far ahead: nothing that a member can sign makes a gateway stop. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signBytesOf } from "../../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../../agent/core/hash.ts";
import type { LedgerContext } from "../../../../agent/core/ledger/context.ts";
import { SIGNATURE_BYTES, signMessage } from "../../../../agent/core/signature.ts";
import { height, type IntervalIndex, intervalIndex, round } from "../../../../agent/core/units.ts";
import { encodeReadingMessage, encodeVoteMessage } from "../../../../agent/core/wire.ts";
import { inbox } from "../../../../agent/services/inbox.ts";
import { LedgerService } from "../../../../agent/services/ledger.ts";
import { readingPool } from "../../../../agent/services/readingPool.ts";
import { refusalCounter } from "../../../../agent/services/refusals.ts";
import { transactionPool } from "../../../../agent/services/transactionPool.ts";
import { memberNamed, testContext, testReading } from "../../../support/chainBuilder.ts";
import { eventLog } from "../../../support/eventLog.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { memoryOutbox } from "../../../support/memoryOutbox.ts";
import { memoryStore } from "../../../support/memoryStore.ts";
import { secretKeyOf } from "../../../support/memoryStreet.ts";
import { noEchoes } from "../../../support/noEchoes.ts";

const INTERVAL_MS = 900_000;
const SKEW_MS = 2_000;

/** The inbox of dep1, which takes every vote under its key for a foreign one. */
function judgeOf(context: LedgerContext, clock: FakeClock, onForeign = () => {}, onFarVote = () => {}) {
  const logger = eventLog();
  const ledger = new LedgerService({
    context,
    store: memoryStore(),
    outbox: memoryOutbox(),
    logger,
    self: memberNamed(context, "dep1").id,
  });
  return inbox({
    context,
    ledger,
    pool: readingPool(() => 0),
    transactions: transactionPool(context, () => 0),
    clock,
    refusals: refusalCounter(clock, logger),
    self: memberNamed(context, "dep1").id,
    echoes: noEchoes(),
    isForeign: () => true,
    onForeign,
    onVote: () => {},
    heightInProgress: () => height(1),
    onFarVote,
  });
}

/** A gateway whose clock stands that long after the end of interval k. */
function world(afterEndMs: number) {
  const k = intervalIndex(1_900_000);
  const context = testContext(2, { firstInterval: k });
  const judge = judgeOf(context, new FakeClock((k + 1) * INTERVAL_MS + afterEndMs));
  const judgeInterval = (interval: IntervalIndex) => {
    const signed = testReading(context, "dep2", { kind: "missing", reason: "port-gone" }, { interval });
    const bytes = encodeReadingMessage(signed, context.roster.chainId);
    const verdict = judge({ channel: "readings", bytes, peerId: "peer" });
    return verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`;
  };
  return { k, judgeInterval };
}

const edges = suite("inbox, readings in time");

edges("takes a reading from the end of its interval on, less what a clock may be behind", () => {
  for (const [afterEndMs, expected] of [
    [0, "accept"],
    [-SKEW_MS, "accept"],
    [-SKEW_MS - 1, "ignore READING_EARLY"],
  ] as const) {
    const { k, judgeInterval } = world(afterEndMs);
    assert.is(judgeInterval(k), expected, `${afterEndMs} ms`);
  }
});

edges("ignores any interval to come, up to the greatest that can be written", () => {
  const { k, judgeInterval } = world(0);
  for (const interval of [k + 1, k + 2, 2 ** 40, 10_007_999_171, 2 ** 53 - 2, 2 ** 53 - 1])
    assert.is(judgeInterval(intervalIndex(interval)), "ignore READING_EARLY", `${interval}`);
});

edges("rejects what lies before the first interval", () => {
  const { k, judgeInterval } = world(0);
  assert.is(judgeInterval(intervalIndex(k - 1)), "reject READING_BEFORE_FIRST");
});

edges.run();

/** What becomes of a vote far ahead that a gateway reads as its own, and whether it takes its key for cloned. */
function farVote(signer: "dep1" | "dep2", isReadByItsVoters: boolean): readonly [string, number] {
  const context = testContext(2);
  const { chainId, epoch, voters } = context.voters;
  const voter = memberNamed(context, signer).id;
  const blockHash = hashOf(new Uint8Array());
  const unsigned = { kind: "prepare", height: height(99), round: round(0), blockHash, voter } as const;
  const signature = signMessage(secretKeyOf(signer), signBytesOf(unsigned, chainId, epoch));
  const electors = isReadByItsVoters ? voters : voters.toReversed();
  const bytes = encodeVoteMessage({ ...unsigned, signature }, chainId, electors);
  let clones = 0;
  const judge = judgeOf(context, new FakeClock(), () => {
    clones += 1;
  });
  const verdict = judge({ channel: "votes", bytes, peerId: "peer" });
  return [verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`, clones];
}

const far = suite("inbox, votes far ahead");

far("blames nobody for a vote of voters that are not known yet, though its place is the own one here", () => {
  assert.equal(farVote("dep2", false), ["ignore VOTE_TOO_FAR", 0]);
});

/** What becomes of a vote of a height, sent by the last voter of a street that has more of them than this one knows. */
function unreadableVote(at: number): readonly [string, number] {
  const context = testContext(2);
  const { voters } = testContext(5).voters;
  const blockHash = hashOf(new Uint8Array());
  const voter = voters.at(-1)!.id;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  const vote = { kind: "prepare", height: height(at), round: round(0), blockHash, voter, signature } as const;
  const bytes = encodeVoteMessage(vote, context.voters.chainId, voters);
  let asked = 0;
  const judge = judgeOf(context, new FakeClock(), undefined, () => {
    asked += 1;
  });
  const verdict = judge({ channel: "votes", bytes, peerId: "peer" });
  return [verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`, asked];
}

far(
  "blames nobody for a vote from a place that there is not here, where the voters may be others, and asks",
  () => {
    assert.equal(unreadableVote(3), ["ignore UNKNOWN_HEIGHT", 1]);
  },
);

far("blames the sender of a vote from a place that there is not where the voters are known", () => {
  for (const at of [1, 2]) assert.equal(unreadableVote(at), ["reject BAD_SHAPE", 0]);
});

far("sees that somebody else has the own key", () => {
  assert.equal(farVote("dep1", true), ["ignore VOTE_TOO_FAR", 1]);
});

far.run();
