/** Received readings at the edges of time, and votes far ahead: nothing that a member can sign makes a gateway stop. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signBytesOf } from "../../../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import type { LedgerContext } from "../../../../../agent/core/ledger/state/context.ts";
import { signMessage } from "../../../../../agent/core/signature.ts";
import { height, type IntervalIndex, intervalIndex, round } from "../../../../../agent/core/units.ts";
import { encodeReadingMessage, encodeVoteMessage } from "../../../../../agent/core/wire.ts";
import { refusalCounter } from "../../../../../agent/services/base/refusals.ts";
import { inbox } from "../../../../../agent/services/exchange/inbox.ts";
import { LedgerService } from "../../../../../agent/services/ledger/ledger.ts";
import { readingPool } from "../../../../../agent/services/pools/readingPool.ts";
import { transactionPool } from "../../../../../agent/services/pools/transactionPool.ts";
import { memberNamed, testContext, testReading } from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { memoryOutbox } from "../../../../support/memoryOutbox.ts";
import { memoryStore } from "../../../../support/memoryStore.ts";
import { secretKeyOf } from "../../../../support/memoryStreet.ts";
import { noEchoes } from "../../../../support/noEchoes.ts";

const INTERVAL_MS = 900_000;
const SKEW_MS = 2_000;

/** The inbox of dep1, which takes every vote under its key for a foreign one. */
function judgeOf(context: LedgerContext, clock: FakeClock, onForeign = () => {}, inProgress = 1) {
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
    heightInProgress: () => height(inProgress),
    onFarVote: () => {},
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

/** Voters of the chain's height when a vote was signed that the gateway knows those before of. */
type Electors = LedgerContext["voters"]["voters"];

/**
 * What becomes of a vote at a height, and whether the gateway, that has no block yet, takes its key for cloned.
 *
 * @param signer of the vote
 * @param electorsOf the height, given those that the gateway knows
 * @param inProgress at the gateway
 */
function voteAt(
  at: number,
  signer: "dep1" | "dep2",
  electorsOf: (known: Electors) => Electors,
  inProgress = 1,
): readonly [string, number] {
  const context = testContext(2);
  const { chainId, epoch, voters } = context.voters;
  const voter = memberNamed(context, signer).id;
  const blockHash = hashOf(new Uint8Array());
  const unsigned = { kind: "prepare", height: height(at), round: round(0), blockHash, voter } as const;
  const signature = signMessage(secretKeyOf(signer), signBytesOf(unsigned, chainId, epoch));
  const bytes = encodeVoteMessage({ ...unsigned, signature }, chainId, electorsOf(voters));
  let clones = 0;
  const onForeign = () => {
    clones += 1;
  };
  const judge = judgeOf(context, new FakeClock(), onForeign, inProgress);
  const verdict = judge({ channel: "votes", bytes, peerId: "peer" });
  return [verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`, clones];
}

/** @param known voters @returns them behind two that were admitted since */
function withNewcomers(known: Electors): Electors {
  const isNew = ({ id }: Electors[number]) => !known.some((one) => one.id === id);
  return [...testContext(4).voters.voters.filter(isNew), ...known];
}

const far = suite("inbox, votes far ahead");

far("blames nobody for a vote of voters that are not known yet, though its place is the own one here", () => {
  assert.equal(
    voteAt(99, "dep2", (known) => known.toReversed()),
    ["ignore VOTE_TOO_FAR", 0],
  );
});

far("sees that somebody else has the own key", () => {
  assert.equal(
    voteAt(99, "dep1", (known) => known),
    ["ignore VOTE_TOO_FAR", 1],
  );
});

far("blames nobody for a vote of more voters than it knows yet, or than there are by now", () => {
  assert.equal(voteAt(7, "dep2", withNewcomers, 5), ["ignore VOTE_TOO_FAR", 0]);
  assert.equal(voteAt(3, "dep2", withNewcomers, 5), ["ignore UNKNOWN_HEIGHT", 0]);
});

far("rejects a place that nobody has at a height of which it knows every voter", () => {
  for (const at of [4, 5, 6]) assert.equal(voteAt(at, "dep2", withNewcomers, 5), ["reject BAD_SHAPE", 0]);
});

far.run();
