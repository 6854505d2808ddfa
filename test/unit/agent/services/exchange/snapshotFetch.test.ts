/** A certified state in pieces, from gateways that tell the truth and from others. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { encodeState } from "../../../../../agent/core/ledger/state/state.ts";
import { height } from "../../../../../agent/core/units.ts";
import {
  encodeSnapshotPiece,
  readSnapshotPiece,
  type SnapshotPiece,
} from "../../../../../agent/core/wire/snapshotAnswer.ts";
import { type PieceRequest, readSnapshotRequest } from "../../../../../agent/core/wire/snapshotRequest.ts";
import { encodeTrailPage } from "../../../../../agent/core/wire/trailAnswer.ts";
import { answerSnapshot } from "../../../../../agent/services/exchange/snapshotAnswerer.ts";
import { fetchSnapshot, MAX_WAIT_MS } from "../../../../../agent/services/exchange/snapshotFetch.ts";
import { ChainBuilder, testContext } from "../../../../support/chainBuilder.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { memoryStore } from "../../../../support/memoryStore.ts";

const test = suite("fetching a snapshot");

/** So many that the state takes several pieces. */
const MEMBERS = 160;
const MAX_ANSWER_BYTES = 45_000;
const context = testContext(MEMBERS);
const { chainId } = context.roster;
const chain = new ChainBuilder(context);
const did = Object.fromEntries(context.roster.members.map(({ name }) => [name, [500, 200] as const]));
const entry = chain.settle([did]);
const state = encodeState(chain.state);
const store = memoryStore({
  blocks: [entry],
  state,
  snapshots: [{ height: entry.height, blockHash: entry.blockHash, state }],
});
/** The block with its readings is long; a frame of its own size for the first piece. */
const FIRST_BYTES = entry.block.length + entry.certificate.length + MAX_ANSWER_BYTES;

type Lie = (piece: SnapshotPiece, request: PieceRequest) => SnapshotPiece | null;

async function fetch(lie: Lie = (piece) => piece, above = 0, tookMs = 0) {
  const requests: PieceRequest[] = [];
  const clock = new FakeClock();
  const ask = async (bytes: Uint8Array) => {
    await clock.advance(tookMs);
    const read = readSnapshotRequest(bytes, context.roster);
    if (read.kind !== "accept") throw new Error(read.code);
    const request = read.value;
    if (request.kind === "trail") return encodeTrailPage({ entries: [], hasMore: false }, chainId);
    requests.push(request);
    const maxAnswerBytes = request.offset === 0 ? FIRST_BYTES : MAX_ANSWER_BYTES;
    const answer = await answerSnapshot({ context, store, maxAnswerBytes }, request);
    if (answer === null) return null;
    assert.ok(answer.length <= maxAnswerBytes, `${answer.length}`);
    const piece = readSnapshotPiece(answer, chainId, maxAnswerBytes);
    if (piece.kind !== "accept") throw new Error(piece.code);
    const told = lie(piece.value, request);
    return told === null ? null : encodeSnapshotPiece(told, chainId);
  };
  const modules = { context, state: genesisState(context), clock, ask };
  const fetched = await fetchSnapshot({ ...modules, maxAnswerBytes: FIRST_BYTES }, height(above));
  return { fetched, requests };
}

test("gives block, certificate and state, piece by piece", async () => {
  const { fetched, requests } = await fetch((piece) => ({ ...piece, bytes: piece.bytes.subarray(0, 4_200) }));
  if (fetched.kind !== "accept") return assert.unreachable(fetched.code);
  assert.equal(encodeState(fetched.value.state), state);
  assert.equal(fetched.value.block, entry);
  assert.is(requests.length, Math.ceil(state.length / 4_200));
  assert.ok(requests.length >= 2, `${state.length} B`);
  assert.equal(requests[0], { kind: "piece", height: null, offset: 0 });
  assert.equal(requests[1], { kind: "piece", height: entry.height, offset: 4_200 });
});

const short = (piece: SnapshotPiece) => ({ ...piece, bytes: piece.bytes.subarray(0, 4_200) });
const later = (change: (piece: SnapshotPiece) => SnapshotPiece | null): Lie => {
  return (piece, { offset }) => (offset === 0 ? short(piece) : change(short(piece)));
};
const proofWith = (changes: object): Lie => {
  return (piece) => (piece.proof === null ? piece : { ...piece, proof: { ...piece.proof, ...changes } });
};
const certificate = entry.certificate.with(-1, (entry.certificate.at(-1) ?? 0) ^ 1);

const REFUSALS: readonly (readonly [what: string, code: string, lie: Lie, above?: number])[] = [
  ["no proof", "SNAPSHOT_UNPROVEN", (piece) => ({ ...piece, proof: null })],
  ["a snapshot that leads nowhere", "SNAPSHOT_TOO_LOW", (piece) => piece, 1],
  ["an altered certificate", "BAD_SIGNATURE", proofWith({ certificate })],
  ["another height", "BLOCK_WRONG_HEIGHT", (piece) => ({ ...piece, height: height(9) })],
  ["a block that is none", "NOT_CBOR", proofWith({ block: new Uint8Array() })],
  ["an altered state", "STATE_DIFFERS", (piece) => ({ ...piece, bytes: piece.bytes.with(-9, 77) })],
  [
    "pieces without an end",
    "SNAPSHOT_PIECE_SHORT",
    later((piece) => ({ ...piece, bytes: piece.bytes.subarray(0, 1) })),
  ],
  ["a piece of another place", "SNAPSHOT_PIECE_OTHER", later((piece) => ({ ...piece, offset: 1 }))],
  ["a piece of another height", "SNAPSHOT_PIECE_OTHER", later((piece) => ({ ...piece, height: height(2) }))],
  ["another length by and by", "SNAPSHOT_PIECE_OTHER", later((piece) => ({ ...piece, totalBytes: 99_999 }))],
];
for (const [what, code, lie, above] of REFUSALS) {
  test(`${what} is refused as ${code}`, async () => {
    const { fetched } = await fetch(lie, above);
    assert.equal(fetched.kind === "accept" ? "accept" : [fetched.kind, fetched.code], ["reject", code]);
  });
}

test("no piece of the state is asked for before the certificate has been checked", async () => {
  const { requests } = await fetch((piece, request) => proofWith({ certificate })(short(piece), request));
  assert.is(requests.length, 1);
});

test("silence blames nobody, at the first piece or a later one", async () => {
  for (const lie of [() => null, later(() => null)]) {
    const { fetched } = await fetch(lie);
    assert.equal(fetched.kind === "accept" ? "accept" : [fetched.kind, fetched.code], [
      "ignore",
      "SNAPSHOT_UNANSWERED",
    ]);
  }
});

test("right answers that take too long altogether end it, and blame nobody", async () => {
  const slowly = await fetch(short, 0, 1_000);
  assert.is(slowly.fetched.kind, "accept");
  const { fetched, requests } = await fetch(short, 0, MAX_WAIT_MS / 3);
  assert.equal(fetched.kind === "accept" ? "accept" : [fetched.kind, fetched.code], [
    "ignore",
    "SNAPSHOT_UNANSWERED",
  ]);
  const besideTheTrail = 2;
  assert.is(requests.length, besideTheTrail);
  assert.ok(slowly.requests.length > besideTheTrail);
});

test("nothing is given of a height without a snapshot, beyond the end, or that does not fit a frame", async () => {
  const sources = { context, store, maxAnswerBytes: FIRST_BYTES };
  assert.is(await answerSnapshot(sources, { kind: "piece", height: height(7), offset: 0 }), null);
  assert.is(
    await answerSnapshot(sources, { kind: "piece", height: entry.height, offset: state.length }),
    null,
  );
  assert.is(
    await answerSnapshot({ ...sources, maxAnswerBytes: 1_000 }, { kind: "piece", height: null, offset: 0 }),
    null,
  );
  assert.is(
    await answerSnapshot({ ...sources, store: memoryStore() }, { kind: "piece", height: null, offset: 0 }),
    null,
  );
});

test.run();
