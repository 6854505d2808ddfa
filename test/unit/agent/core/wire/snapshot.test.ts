/** Requests for a snapshot and pieces of one, on the wire. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import { MAX_STATE_BYTES } from "../../../../../agent/core/ledger/state/state.ts";
import { height, intervalIndex, round } from "../../../../../agent/core/units.ts";
import {
  encodeSnapshotPiece,
  PIECE_FRAME_BYTES,
  readSnapshotPiece,
  type SnapshotPiece,
} from "../../../../../agent/core/wire/snapshotAnswer.ts";
import {
  encodeSnapshotRequest,
  isSnapshotRequest,
  MAX_SNAPSHOT_REQUEST_BYTES,
  readSnapshotRequest,
} from "../../../../../agent/core/wire/snapshotRequest.ts";
import { encodeSyncRequest } from "../../../../../agent/core/wire/syncRequest.ts";
import { testContext } from "../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const { roster } = testContext(4);
const MARK = new Uint8Array(Buffer.from(roster.chainId, "hex")).subarray(0, 8);
const MAX_BYTES = 262_144;
const PIECE: SnapshotPiece = {
  height: height(512),
  totalBytes: 9,
  offset: 0,
  bytes: Uint8Array.of(1, 2, 3),
  proof: { block: Uint8Array.of(4), certificate: Uint8Array.of(5) },
};

const request = suite("snapshot request");
const requested = (fields: Cbor) => {
  const read = readSnapshotRequest(encode(fields), roster);
  return read.kind === "accept" ? read.value : `${read.kind} ${read.code}`;
};

request("reads what was written: the newest, or a piece of one", () => {
  for (const wanted of [
    { kind: "piece", height: null, offset: 0 },
    { kind: "piece", height: height(Number.MAX_SAFE_INTEGER), offset: MAX_STATE_BYTES },
  ] as const) {
    const encoded = encodeSnapshotRequest(wanted, roster);
    assert.ok(encoded.length <= MAX_SNAPSHOT_REQUEST_BYTES);
    assert.is(isSnapshotRequest(encoded), true);
    assert.equal(readSnapshotRequest(encoded, roster), { kind: "accept", value: wanted });
  }
});

request("is the kind, the mark of the chain, epoch, height and offset", () => {
  assert.equal(requested([2, MARK, 0, 512, 7]), { kind: "piece", height: height(512), offset: 7 });
});

request("is never taken for a summary, nor a summary for it", () => {
  const summary = encodeSyncRequest(
    {
      head: height(1),
      round: round(0),
      nextInterval: intervalIndex(0),
      votes: [],
      bodies: [],
      wanted: [],
      late: [],
      transactions: new Map(),
      readings: [],
    },
    roster,
  );
  assert.is(isSnapshotRequest(summary), false);
});

request("refuses another microgrid, another epoch and what is out of bounds", () => {
  assert.is(requested([2, new Uint8Array(8), 0, 0, 0]), "reject WRONG_MICROGRID");
  assert.is(requested([2, MARK, 1, 0, 0]), "ignore WRONG_EPOCH");
  assert.is(requested([2, MARK, 0, 0, MAX_STATE_BYTES + 1]), "reject BAD_SHAPE");
  assert.is(requested([2, MARK, 0, -1, 0]), "reject BAD_SHAPE");
  assert.is(requested([1, MARK, 0, 0, 0]), "reject BAD_SHAPE");
});

const piece = suite("snapshot piece");
const told = (bytes: Uint8Array) => {
  const read = readSnapshotPiece(bytes, roster.chainId, MAX_BYTES);
  return read.kind === "accept" ? read.value : `${read.kind} ${read.code}`;
};

piece("reads what was written, with and without its proof", () => {
  for (const one of [PIECE, { ...PIECE, offset: 3, proof: null }])
    assert.equal(told(encodeSnapshotPiece(one, roster.chainId)), one);
});

piece("costs no more beside its bytes than is reckoned with", () => {
  const bytes = new Uint8Array(200_000);
  const at = height(Number.MAX_SAFE_INTEGER);
  const one = { height: at, totalBytes: MAX_STATE_BYTES, offset: MAX_STATE_BYTES, bytes, proof: null };
  assert.ok(encodeSnapshotPiece(one, roster.chainId).length <= bytes.length + PIECE_FRAME_BYTES);
});

piece("refuses another microgrid and what is out of bounds", () => {
  const fields = (changes: Readonly<Record<number, Cbor>>) => {
    const all: Cbor[] = [2, MARK, 512, 9, 0, Uint8Array.of(1), null];
    for (const [place, value] of Object.entries(changes)) all[Number(place)] = value;
    return told(encode(all));
  };
  assert.is(fields({ 1: new Uint8Array(8) }), "reject WRONG_MICROGRID");
  for (const bad of [
    { 0: 1 },
    { 2: -1 },
    { 3: MAX_STATE_BYTES + 1 },
    { 4: -1 },
    { 5: new Uint8Array() },
    { 6: [] },
  ])
    assert.is(fields(bad), "reject BAD_SHAPE");
  assert.is(told(new Uint8Array(MAX_BYTES + 1)), "reject MESSAGE_TOO_LONG");
});

piece("no bytes make it throw", () => {
  const right = encodeSnapshotPiece(PIECE, roster.chainId);
  const flipped = fc
    .tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => right.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), flipped), (bytes) => {
      assert.ok(told(bytes) !== undefined);
      assert.ok(readSnapshotRequest(bytes, roster).kind !== undefined);
    }),
    { seed: propertySeed("snapshot.test.ts"), numRuns: 1_000 },
  );
});

request.run();
piece.run();
