/** Requests for a trail and pages of one, on the wire. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import { MAX_TRAIL_ENTRY_BYTES } from "../../../../../agent/core/ledger/chain/trailEntry.ts";
import { height } from "../../../../../agent/core/units.ts";
import {
  encodeSnapshotRequest,
  isSnapshotRequest,
  MAX_SNAPSHOT_REQUEST_BYTES,
  readSnapshotRequest,
} from "../../../../../agent/core/wire/snapshotRequest.ts";
import {
  ENTRY_HEAD_BYTES,
  encodeTrailPage,
  MIN_PAGE_BYTES,
  PAGE_FRAME_BYTES,
  readTrailPage,
} from "../../../../../agent/core/wire/trailAnswer.ts";
import { testContext } from "../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const { roster } = testContext(4);
const MARK = new Uint8Array(Buffer.from(roster.chainId, "hex")).subarray(0, 8);
const MAX_BYTES = 262_144;

const request = suite("trail request");
const requested = (fields: Cbor) => {
  const read = readSnapshotRequest(encode(fields), roster);
  return read.kind === "accept" ? read.value : `${read.kind} ${read.code}`;
};

request("reads what was written, and is the kind, the mark of the chain, epoch and two heights", () => {
  for (const [above, until] of [
    [0, 512],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ] as const) {
    const wanted = { kind: "trail", above: height(above), until: height(until) } as const;
    const encoded = encodeSnapshotRequest(wanted, roster);
    assert.ok(encoded.length <= MAX_SNAPSHOT_REQUEST_BYTES);
    assert.is(isSnapshotRequest(encoded), true);
    assert.equal(readSnapshotRequest(encoded, roster), { kind: "accept", value: wanted });
  }
  assert.equal(requested([3, MARK, 0, 7, 512]), { kind: "trail", above: height(7), until: height(512) });
});

request("refuses another microgrid, another epoch and what is out of bounds", () => {
  assert.is(requested([3, new Uint8Array(8), 0, 0, 1]), "reject WRONG_MICROGRID");
  assert.is(requested([3, MARK, 1, 0, 1]), "ignore WRONG_EPOCH");
  assert.is(requested([3, MARK, 0, -1, 1]), "reject BAD_SHAPE");
  assert.is(requested([3, MARK, 0, 0]), "reject BAD_SHAPE");
  assert.is(requested([4, MARK, 0, 0, 1]), "reject BAD_SHAPE");
});

const page = suite("trail page");
const told = (bytes: Uint8Array) => {
  const read = readTrailPage(bytes, roster.chainId, MAX_BYTES);
  return read.kind === "accept" ? read.value : `${read.kind} ${read.code}`;
};
const LONG = new Uint8Array(MIN_PAGE_BYTES);

page("reads what was written, the last one and one before", () => {
  for (const one of [
    { entries: [], hasMore: false },
    { entries: [Uint8Array.of(1), Uint8Array.of(2, 3)], hasMore: false },
    { entries: [LONG], hasMore: true },
  ])
    assert.equal(told(encodeTrailPage(one, roster.chainId)), one);
});

page("costs no more beside its entries than is reckoned with", () => {
  for (const count of [1, 100]) {
    const entries = Array.from({ length: count }, () => new Uint8Array(100_000));
    const ownBytes = count * (100_000 + ENTRY_HEAD_BYTES);
    assert.ok(
      encodeTrailPage({ entries, hasMore: true }, roster.chainId).length <= ownBytes + PAGE_FRAME_BYTES,
    );
  }
});

page("that says more is to come and brings next to nothing is refused", () => {
  assert.is(told(encodeTrailPage({ entries: [], hasMore: true }, roster.chainId)), "reject TRAIL_STALLED");
  const short = { entries: [LONG.subarray(100)], hasMore: true };
  assert.is(told(encodeTrailPage(short, roster.chainId)), "reject TRAIL_STALLED");
});

page("refuses another microgrid and what is out of bounds", () => {
  assert.is(told(encode([3, new Uint8Array(8), [], false])), "reject WRONG_MICROGRID");
  for (const bad of [
    [2, MARK, [], false],
    [3, MARK, [new Uint8Array(MAX_TRAIL_ENTRY_BYTES + 1)], false],
    [3, MARK, Array.from({ length: 2_049 }, () => new Uint8Array()), false],
    [3, MARK, [], 0],
    [3, MARK, []],
  ])
    assert.is(told(encode(bad)), "reject BAD_SHAPE");
  assert.is(told(new Uint8Array(MAX_BYTES + 1)), "reject MESSAGE_TOO_LONG");
});

page("no bytes make it throw", () => {
  const right = encodeTrailPage({ entries: [Uint8Array.of(1, 2)], hasMore: false }, roster.chainId);
  const flipped = fc
    .tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => right.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), flipped), (bytes) => {
      assert.ok(told(bytes) !== undefined);
      assert.ok(readSnapshotRequest(bytes, roster).kind !== undefined);
    }),
    { seed: propertySeed("trail.test.ts"), numRuns: 1_000 },
  );
});

request.run();
page.run();
