// time limit: 300 s
/** A snapshot across changes of the voters, from gateways that tell the truth about the trail and from others. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_TRAIL } from "../../../../../agent/core/ledger/chain/trailEntry.ts";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { encodeState, type LedgerState } from "../../../../../agent/core/ledger/state/state.ts";
import { height } from "../../../../../agent/core/units.ts";
import { readSnapshotRequest, type TrailRequest } from "../../../../../agent/core/wire/snapshotRequest.ts";
import {
  encodeTrailPage,
  readTrailPage,
  type TrailPage,
} from "../../../../../agent/core/wire/trailAnswer.ts";
import { answerSnapshot } from "../../../../../agent/services/exchange/snapshotAnswerer.ts";
import { fetchSnapshot } from "../../../../../agent/services/exchange/snapshotFetch.ts";
import { answerTrail } from "../../../../../agent/services/exchange/trailAnswerer.ts";
import { ChainBuilder, memberNamed, testContext, testEnrolment } from "../../../../support/chainBuilder.ts";
import { type PlannedChange, settleWith } from "../../../../support/changedChain.ts";
import { memoryStore } from "../../../../support/memoryStore.ts";

const context = testContext(5);
const { chainId } = context.roster;
const id = (name: string) => memberNamed(context, name).id;
const MAX_ANSWER_BYTES = 262_144;
/** Room for some ten entries: a street of years has more than one answer holds. */
const SHORT_ANSWER_BYTES = 8_192;

/** In and out again: each leaves voters that the one before did not have. */
const PLANS: readonly PlannedChange[] = Array.from({ length: 30 }, (_, index) => {
  const name = `dep${6 + (index >> 1)}`;
  const enrolment = testEnrolment(name);
  const member = memberNamed(testContext(21), name).id;
  const at = 2 + 2 * index;
  return index % 2 === 0
    ? { at, change: { kind: "admit", enrolment, isVoter: true } }
    : { at, change: { kind: "revoke", member } };
});
const chain = new ChainBuilder(context);
const { changes } = settleWith(chain, 64, [
  ...PLANS,
  { at: 62, change: { kind: "rekey", member: id("dep5"), enrolment: testEnrolment("dep30") } },
]);
const stateAt = (at: number): LedgerState =>
  at === 0 ? genesisState(context) : (chain.blocks[at - 1]?.state ?? chain.state);

/** A gateway whose newest snapshot is of that height, and whose chain goes on. */
function gatewayWith(at: number) {
  const { height: kept, blockHash } = chain.entries[at - 1]!;
  const snapshot = { height: kept, blockHash, state: encodeState(stateAt(at)) };
  return memoryStore({
    blocks: [...chain.entries],
    state: encodeState(chain.state),
    snapshots: [snapshot],
    changes,
  });
}

type Lie = (page: TrailPage, request: TrailRequest) => TrailPage | null;

async function fetch(at: number, from = 0, lie: Lie = (page) => page, pageBytes = MAX_ANSWER_BYTES) {
  const store = gatewayWith(at);
  const pages: TrailPage[] = [];
  const ask = async (bytes: Uint8Array) => {
    const read = readSnapshotRequest(bytes, context.roster);
    if (read.kind !== "accept") throw new Error(read.code);
    const request = read.value;
    if (request.kind === "piece")
      return answerSnapshot({ context, store, maxAnswerBytes: MAX_ANSWER_BYTES }, request);
    const answer = await answerTrail({ context, store, maxAnswerBytes: pageBytes }, request);
    if (answer === null) return null;
    assert.ok(answer.length <= pageBytes, `${answer.length}`);
    const page = readTrailPage(answer, chainId, pageBytes);
    if (page.kind !== "accept") throw new Error(page.code);
    pages.push(page.value);
    const told = lie(page.value, request);
    return told === null ? null : encodeTrailPage(told, chainId);
  };
  const clock = {
    monotonicMs: () => 0,
    after: (_delayMs: number, run: () => void) => {
      queueMicrotask(run);
      return () => {};
    },
  };
  const modules = { context, state: stateAt(from), clock, maxAnswerBytes: MAX_ANSWER_BYTES, ask };
  return { fetched: await fetchSnapshot(modules, height(from)), pages };
}
const codeOf = ({ fetched }: Awaited<ReturnType<typeof fetch>>) =>
  fetched.kind === "accept" ? "accept" : `${fetched.kind} ${fetched.code}`;

const test = suite("a snapshot across changes of the voters");

test("is proven at the height of a change, and one and two above it, with the changes that led there", async () => {
  for (const at of [1, 2, 3, 4, 5, 6, 7, 32, 62, 63, 64]) {
    const { fetched } = await fetch(at);
    if (fetched.kind !== "accept") return assert.unreachable(`${at}: ${fetched.code}`);
    assert.equal(encodeState(fetched.value.state), encodeState(stateAt(at)), `height ${at}`);
    assert.equal(
      fetched.value.changes,
      changes.filter((change) => change.height <= at),
      `height ${at}`,
    );
  }
});

test("begins with what the asker knows by itself: only later changes are given", async () => {
  for (const from of [1, 2, 3, 4, 31, 62, 63]) {
    const { fetched, pages } = await fetch(64, from);
    if (fetched.kind !== "accept") return assert.unreachable(`${from}: ${fetched.code}`);
    const above = changes.filter((change) => change.height > from);
    assert.equal(fetched.value.changes, above, `from height ${from}`);
    assert.equal(
      pages.flatMap(({ entries }) => entries),
      above.map(({ entry }) => entry),
    );
  }
});

test("is followed page by page when one answer does not hold its trail", async () => {
  const { fetched, pages } = await fetch(64, 0, (page) => page, SHORT_ANSWER_BYTES);
  if (fetched.kind !== "accept") return assert.unreachable(fetched.code);
  assert.equal(fetched.value.changes, changes);
  assert.ok(pages.length >= 3, `${pages.length} pages`);
  assert.equal([pages.at(0)?.hasMore, pages.at(-1)?.hasMore], [true, false]);
});

const entriesWith = (change: (entries: readonly Uint8Array[]) => readonly Uint8Array[]): Lie => {
  return (page) => ({ ...page, entries: change(page.entries) });
};
const REFUSALS: readonly (readonly [what: string, code: string, at: number, lie: Lie])[] = [
  ["without any, where the voters are the same again", "reject TRAIL_INCOMPLETE", 6, entriesWith(() => [])],
  ["that ends too early", "reject BAD_SIGNATURE", 8, entriesWith((entries) => entries.slice(0, 2))],
  ["without its first entry", "reject TRAIL_GAP", 64, entriesWith((entries) => entries.slice(1))],
  ["without one between", "reject TRAIL_GAP", 64, entriesWith((entries) => entries.toSpliced(9, 1))],
  [
    "without the newest, which is not active yet",
    "reject TRAIL_INCOMPLETE",
    63,
    entriesWith((entries) => entries.slice(0, -1)),
  ],
  [
    "with two entries swapped",
    "reject TRAIL_GAP",
    64,
    entriesWith((entries) => [entries[1]!, entries[0]!, ...entries.slice(2)]),
  ],
  ["with an entry twice", "reject TRAIL_ORDER", 64, entriesWith((entries) => [entries[0]!, ...entries])],
  [
    "with an entry beyond the snapshot",
    "reject TRAIL_ORDER",
    6,
    entriesWith((entries) => [...entries, changes.find((change) => change.height > 6)!.entry]),
  ],
  ["with an entry that is none", "reject NOT_CBOR", 64, entriesWith(() => [new Uint8Array()])],
  ["that is said to go on and does not", "reject TRAIL_STALLED", 64, () => ({ entries: [], hasMore: true })],
  ["that is not given", "ignore SNAPSHOT_UNANSWERED", 64, () => null],
];
for (const [what, code, at, lie] of REFUSALS) {
  test(`a trail ${what}: ${code}`, async () => {
    assert.is(codeOf(await fetch(at, 0, lie)), code);
  });
}

test("nothing is asked for behind an entry that does not hold", async () => {
  const lie = entriesWith((entries) => entries.slice(1));
  const { pages } = await fetch(64, 0, lie, SHORT_ANSWER_BYTES);
  assert.is(pages.length, 1);
});

test("no entry fits an answer: none is given; nor a snapshot behind more changes than anybody follows", async () => {
  const store = gatewayWith(64);
  const request = { kind: "trail", above: height(0), until: height(64) } as const;
  assert.is(await answerTrail({ context, store, maxAnswerBytes: 400 }, request), null);
  const full = encodeState({ ...chain.state, rosterChanges: MAX_TRAIL + 1 });
  const [entry] = chain.entries.slice(-1);
  const snapshots = [{ height: height(64), blockHash: entry!.blockHash, state: full }];
  const behind = memoryStore({ blocks: [...chain.entries], state: full, snapshots, changes });
  const sources = { context, store: behind, maxAnswerBytes: MAX_ANSWER_BYTES };
  assert.is(await answerSnapshot(sources, { kind: "piece", height: null, offset: 0 }), null);
});

test.run();
