import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, decode, encode } from "../../../../../../agent/core/codec.ts";
import {
  cborTransaction,
  encodeTransaction,
  GRID_ADMIN,
  MAX_TRANSACTION_BYTES,
  type SignedTransaction,
  signedTransaction,
  type Transaction,
  type TransactionContent,
  transactionId,
  transactionOrder,
  transactionSignBytes,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { memberIdBytes } from "../../../../../../agent/core/membership/address.ts";
import { intervalIndex, pricePerKwh, wh } from "../../../../../../agent/core/units.ts";
import { memberNamed, testContext, testEnrolment } from "../../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";

const test = suite("transaction");

const context = testContext(2);
const first = memberNamed(context, "dep1").id;
const second = memberNamed(context, "dep2").id;
const signature = new Uint8Array(64).fill(7);
const ballot: Transaction = { signer: first, sequence: 1, content: { kind: "ballot", candidate: second } };

/** One of each kind. */
const CONTENTS: readonly TransactionContent[] = [
  { kind: "ballot", candidate: second },
  { kind: "ballot", candidate: null },
  { kind: "rejoin", nonce: new Uint8Array(32).fill(9) },
  { kind: "present" },
  { kind: "roster", change: { kind: "admit", enrolment: testEnrolment("dep3"), isVoter: false } },
  { kind: "roster", change: { kind: "revoke", member: second } },
  { kind: "roster", change: { kind: "rekey", member: second, enrolment: testEnrolment("dep3") } },
  { kind: "roster", change: { kind: "suspend", member: second } },
  { kind: "roster", change: { kind: "reinstate", member: second } },
  { kind: "acknowledge", interval: intervalIndex(7), order: "consumption", max: wh(20n) },
  { kind: "acknowledge", interval: intervalIndex(7), order: "generation", max: wh(0n) },
  {
    kind: "bid",
    bid: {
      side: "buy",
      limit: pricePerKwh(150_000n),
      cap: wh(500n),
      from: intervalIndex(7),
      to: null,
      wish: { area: "north", fuel: "solar" },
    },
  },
  {
    kind: "meter-swap",
    swap: { interval: intervalIndex(7), meter: 1, oldEnd: [wh(12n)], newStart: [wh(0n)] },
    oldSerial: "dep1-2",
    newSerial: "20239784",
  },
];

function codeOf(bytes: Uint8Array): string {
  const read = decode(bytes, signedTransaction, MAX_TRANSACTION_BYTES);
  return read.kind === "accept" ? "accept" : `${read.kind} ${read.code}`;
}

for (const content of CONTENTS) {
  for (const signer of [first, GRID_ADMIN] as const) {
    test(`reads what was written: a ${content.kind} of ${signer === first ? "a member" : signer}`, () => {
      const signed: SignedTransaction = { transaction: { signer, sequence: 3, content }, signature };
      assert.equal(decode(encodeTransaction(signed), signedTransaction, MAX_TRANSACTION_BYTES), {
        kind: "accept",
        value: signed,
      });
    });
  }
}

test("is version, signer, sequence, kind, content, and then the signature", () => {
  assert.equal(cborTransaction({ transaction: ballot, signature }), [
    [1, memberIdBytes(first), 1, 0, memberIdBytes(second)],
    signature,
  ]);
  const admins: Transaction = { ...ballot, signer: GRID_ADMIN };
  assert.equal(cborTransaction({ transaction: admins, signature }), [
    [1, null, 1, 0, memberIdBytes(second)],
    signature,
  ]);
});

test("is refused when it is none", () => {
  const member = memberIdBytes(first);
  const bad: readonly Cbor[] = [
    [[2, member, 1, 0, null], signature],
    [[1, member, 0, 0, null], signature],
    [[1, member, 1, 99, null], signature],
    [[1, member, 1, 0], signature],
    [[1, new Uint8Array(19), 1, 0, null], signature],
    [[1, member, 1, 1, new Uint8Array(31)], signature],
    [[1, member, 1, 0, null], new Uint8Array(63)],
    [1, member, 1, 0, null],
  ];
  for (const value of bad) assert.is(codeOf(encode(value)), "reject BAD_SHAPE");
  assert.is(codeOf(new Uint8Array(MAX_TRANSACTION_BYTES + 1)), "reject MESSAGE_TOO_LONG");
});

test("has another id and other signed bytes with another value of each field, chain or epoch", () => {
  const { chainId } = context.roster;
  const signBytes = (of: Transaction) => Buffer.from(transactionSignBytes(of, chainId, 0)).toString("hex");
  const others: readonly Transaction[] = [
    { ...ballot, signer: second },
    { ...ballot, signer: GRID_ADMIN },
    { ...ballot, sequence: 2 },
    { ...ballot, content: { kind: "ballot", candidate: null } },
    { ...ballot, content: { kind: "rejoin", nonce: new Uint8Array(32) } },
  ];
  const all = [ballot, ...others];
  assert.is(new Set(all.map(transactionId)).size, all.length);
  assert.is(new Set(all.map(signBytes)).size, all.length);
  const elsewhere = testContext(3).roster.chainId;
  assert.not.equal(transactionSignBytes(ballot, elsewhere, 0), transactionSignBytes(ballot, chainId, 0));
  assert.not.equal(transactionSignBytes(ballot, chainId, 1), transactionSignBytes(ballot, chainId, 0));
});

test("names an order by interval, kind and limit, and is refused with any other", () => {
  const content = {
    kind: "acknowledge",
    interval: intervalIndex(7),
    order: "generation",
    max: wh(3n),
  } as const;
  const body = [1, memberIdBytes(first), 1, 9];
  assert.equal(cborTransaction({ transaction: { ...ballot, content }, signature }), [
    [...body, [7, "generation", 3n]],
    signature,
  ]);
  for (const bad of [[7, "generation", -3], [7, "both", 3], [-7, "generation", 3], [7, "generation"], null])
    assert.is(codeOf(encode([[...body, bad], signature])), "reject BAD_SHAPE");
});

test("stands in a block by signer, the GridAdmin first, then by sequence", () => {
  const of = (signer: Transaction["signer"], sequence: number) => ({
    transaction: { ...ballot, signer, sequence },
    signature,
  });
  const members = [first, second].sort();
  const ordered = [of(GRID_ADMIN, 9), ...members.flatMap((member) => [of(member, 2), of(member, 10)])];
  assert.equal([...ordered].reverse().sort(transactionOrder), ordered);
});

test("no bytes make the decoder throw", () => {
  const right = encodeTransaction({ transaction: ballot, signature });
  const flipped = fc
    .tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => right.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), flipped), (bytes) => {
      assert.type(codeOf(bytes), "string");
    }),
    { seed: propertySeed("transaction.test.ts"), numRuns: 2_000 },
  );
});

test.run();
