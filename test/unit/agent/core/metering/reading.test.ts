/** Signed readings as bytes: round trip, bounds, size. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, decode, encode } from "../../../../../agent/core/codec.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { memberIdFromBytes } from "../../../../../agent/core/membership/address.ts";
import {
  encodeReading,
  MAX_READING_BYTES,
  type Measured,
  MISSING_REASONS,
  type Reading,
  readingId,
  readingSignBytes,
  type SignedReading,
  signedReading,
  TIME_STATUSES,
} from "../../../../../agent/core/metering/reading.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { measured, testContext, testReading } from "../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("reading");
const context = testContext(1);
const good = testReading(context, "dep1", measured([500, 300]));
const read = (encoded: Uint8Array) => decode(encoded, signedReading, MAX_READING_BYTES);

const energy = fc.bigInt({ min: 0n, max: 2n ** 62n }).map(wh);
const signedEnergy = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map(wh);
const offset = fc.integer({ min: -86_400_000, max: 86_400_000 });
/** As many registers at the end as at the start, which is all that the flat list can say. */
const meter = fc
  .tuple(fc.nat(3), fc.nat(0xffff_ffff), fc.array(fc.tuple(energy, energy), { maxLength: 2 }))
  .map(([place, resolutionMilliWh, registers]) => ({
    meter: place,
    start: registers.map(([start]) => start),
    end: registers.map(([, end]) => end),
    resolutionMilliWh,
  }));
const digest = fc.uint8Array().map(hashOf);
const content = fc.oneof(
  fc.constantFrom(...MISSING_REASONS).map((reason) => ({ kind: "missing" as const, reason })),
  fc.record({
    kind: fc.constant("measured" as const),
    startOffsetMs: offset,
    endOffsetMs: offset,
    meters: fc.array(meter, { maxLength: 4 }),
    carryIn: signedEnergy,
    generated: energy,
    consumed: energy,
    position: signedEnergy,
    framesHash: digest,
  }),
);
const anyReading: fc.Arbitrary<SignedReading> = fc.record({
  reading: fc.record({
    member: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(memberIdFromBytes),
    interval: fc.maxSafeNat().map(intervalIndex),
    sequence: fc.maxSafeNat(),
    boot: fc.nat(0xffff_ffff),
    time: fc.constantFrom(...TIME_STATUSES),
    content,
  }),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
});

/** fast-check's records have no prototype, ours do. */
const plain = (signed: SignedReading): SignedReading => structuredClone(signed);

const readings = suite("reading");

readings("comes back from its bytes as it was, whatever it states", () => {
  const holds = (signed: SignedReading) => {
    const encoded = encodeReading(signed);
    assert.ok(encoded.length <= MAX_READING_BYTES, `${encoded.length} bytes`);
    assert.equal(read(encoded), { kind: "accept", value: plain(signed) });
  };
  fc.assert(fc.property(anyReading, holds), { seed, numRuns: 2_000 });
});

readings("is refused or differs with any single bit flipped, and no cut of it is read", () => {
  const encoded = encodeReading(good);
  for (let bit = 0; bit < encoded.length * 8; bit += 1) {
    const altered = Uint8Array.from(encoded);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const verdict = read(altered);
    if (verdict.kind === "accept") assert.not.equal(verdict.value, good, `bit ${bit}`);
  }
  for (let length = 0; length < encoded.length; length += 1)
    assert.is(read(encoded.subarray(0, length)).kind, "reject");
});

readings("has an id of its own for each thing it states, and the same id whatever its signature", () => {
  const { reading } = good;
  const stated = reading.content as Measured;
  const others: readonly Partial<Reading>[] = [
    { member: memberIdFromBytes(new Uint8Array(20)) },
    { interval: intervalIndex(7) },
    { sequence: 2 },
    { boot: 2 },
    { time: "peers" },
    { content: { kind: "missing", reason: "port-gone" } },
    { content: { ...stated, startOffsetMs: 0 } },
    { content: { ...stated, endOffsetMs: 0 } },
    { content: { ...stated, carryIn: wh(-1n) } },
    { content: { ...stated, generated: wh(501n) } },
    { content: { ...stated, consumed: wh(301n) } },
    { content: { ...stated, position: wh(201n) } },
    { content: { ...stated, framesHash: hashOf(new Uint8Array()) } },
    { content: { ...stated, meters: stated.meters.map((one) => ({ ...one, resolutionMilliWh: 1 })) } },
    { content: { ...stated, meters: stated.meters.map((one) => ({ ...one, end: one.start })) } },
  ];
  const ids = new Set([reading, ...others.map((other) => ({ ...reading, ...other }))].map(readingId));
  assert.is(ids.size, others.length + 1);
});

readings("is signed over its id, its chain and its epoch", () => {
  const bytes = (chain: string, epoch: number) =>
    readingSignBytes(good.reading, hashOf(new TextEncoder().encode(chain)), epoch);
  const all = [bytes("a", 0), bytes("a", 1), bytes("b", 0)];
  assert.is(new Set(all.map(String)).size, 3);
});

/** Places in the encoding: 0 version … 6 content; content 0 start offset … 7 frames hash. */
function altered(place: number, value: Cbor, inContent?: number): Uint8Array {
  const decoded = decode(encodeReading(good), (raw) => raw as [Cbor[], Uint8Array], MAX_READING_BYTES);
  if (decoded.kind !== "accept") throw new Error(decoded.code);
  const [body, signature] = decoded.value;
  if (inContent === undefined) body[place] = value;
  else (body[place] as Cbor[])[inContent] = value;
  return encode([body, signature]);
}

const OUT_OF_BOUNDS: Readonly<Record<string, Uint8Array>> = {
  "another version": altered(0, 2),
  "a member of 19 bytes": altered(1, new Uint8Array(19)),
  "a member as text": altered(1, good.reading.member),
  "a negative interval": altered(2, -1),
  "an interval beyond 2^53": altered(2, 2n ** 53n),
  "a negative sequence": altered(3, -1),
  "a boot beyond 2^32": altered(4, 2 ** 32),
  "an unknown time status": altered(5, TIME_STATUSES.length),
  "an unknown reason": altered(6, MISSING_REASONS.length),
  "a negative reason": altered(6, -1),
  "no content": altered(6, null),
  "content as text": altered(6, "silent"),
  "an offset of more than a day": altered(6, 86_400_001, 0),
  "five meters": altered(6, Array<Cbor>(5).fill([0, 1, 1, 1]), 2),
  "meter number 4": altered(6, [[4, 1, 1, 1]], 2),
  "registers not in pairs": altered(6, [[0, 1, 1, 2, 3]], 2),
  "three registers at each end": altered(6, [[0, 1, 1, 2, 3, 4, 5, 6]], 2),
  "a meter without place": altered(6, [[]], 2),
  "a meter as number": altered(6, [1], 2),
  "a negative register": altered(6, [[0, 1, -1, 1]], 2),
  "a register beyond 2^62": altered(6, [[0, 1, 2n ** 62n + 1n, 1]], 2),
  "a carry beyond 2^62": altered(6, -(2n ** 62n) - 1n, 3),
  "negative generation": altered(6, -1, 4),
  "negative consumption": altered(6, -1, 5),
  "a position beyond 2^62": altered(6, 2n ** 62n + 1n, 6),
  "a frames hash of 31 bytes": altered(6, new Uint8Array(31), 7),
  "a field too many": altered(7, 0),
};

for (const [name, encoded] of Object.entries(OUT_OF_BOUNDS)) {
  readings(`is refused with ${name}`, () => {
    const verdict = read(encoded);
    assert.is(verdict.kind === "accept" ? "accept" : verdict.code, "BAD_SHAPE");
  });
}

const size = suite("reading, size");

/** A household after ten years of quarters of an hour: 350 000 readings, registers of tens of MWh. */
function grown(meters: Measured["meters"]): number {
  const stated = measured([1_234, 987], { startOffsetMs: -812, endOffsetMs: 655, meters });
  const changes = { interval: intervalIndex(2_100_000), sequence: 350_640, boot: 60 };
  return encodeReading(testReading(context, "dep1", stated, changes)).length;
}

const one = (index: number, ...registers: readonly bigint[]) => ({
  meter: index,
  start: registers.map(wh),
  end: registers.map((value) => wh(value + 1_234n)),
  resolutionMilliWh: 63,
});

size("of generation and consumption with signature and frames hash is at most 192 bytes", () => {
  const bytes = grown([one(0, 41_234_567n), one(1, 38_765_432n)]);
  assert.ok(bytes <= 192, `${bytes} bytes`);
});

size("of grid and generation, three registers, is at most 192 bytes", () => {
  const bytes = grown([one(0, 21_234_567n, 18_765_432n), one(1, 41_234_567n)]);
  assert.ok(bytes <= 192, `${bytes} bytes`);
});

readings.run();
size.run();
