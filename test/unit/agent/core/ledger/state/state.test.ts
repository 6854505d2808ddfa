/** The state: one encoding, one root, both moved by every field. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encode, MAX_COINS, MAX_PRICE } from "../../../../../../agent/core/codec.ts";
import { hashOf } from "../../../../../../agent/core/hash.ts";
import type { PendingChange } from "../../../../../../agent/core/ledger/state/governance.ts";
import {
  emptyState,
  encodeState,
  type LedgerState,
  MAX_STATE_BYTES,
  type MemberState,
  NEW_MEMBER,
  type OfficeRecord,
  readState,
  stateRoot,
} from "../../../../../../agent/core/ledger/state/state.ts";
import { GRID_ADMIN, type TransactionSigner } from "../../../../../../agent/core/ledger/state/transaction.ts";
import { type AccountId, type Money, NAMED_ACCOUNTS } from "../../../../../../agent/core/market/accounts.ts";
import type { Bid } from "../../../../../../agent/core/market/bid.ts";
import type { StandingOrder } from "../../../../../../agent/core/market/curtail.ts";
import {
  type Coverage,
  type Edge,
  type Gap,
  MAX_GAPS,
  NOTHING_CLOSED,
} from "../../../../../../agent/core/metering/coverage.ts";
import type { MeterSwap } from "../../../../../../agent/core/metering/swap.ts";
import {
  height,
  intervalIndex,
  type MicroCoins,
  microCoins,
  pricePerKwh,
  round,
  term,
  wh,
} from "../../../../../../agent/core/units.ts";
import { testEnrolment } from "../../../../../support/chainBuilder.ts";
import { consumptionOrder, generationOrder, testMember } from "../../../../../support/marketCases.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";
import { signPolicy, testPolicy } from "../../../../../support/testPolicy.ts";

const seed = propertySeed("state");
const A = testMember(0);
const B = testMember(1);

const edge: Edge = { registers: [[wh(5n), wh(7n)], [wh(11n)]], carry: wh(-2n) };
const swap: MeterSwap = {
  interval: intervalIndex(1_002),
  meter: 1,
  oldEnd: [wh(12n)],
  newStart: [wh(1n)],
};
const gap: Gap = {
  from: intervalIndex(1_001),
  to: intervalIndex(1_002),
  before: edge,
  after: { ...edge, carry: wh(0n) },
  swaps: [swap],
};
const memberA: MemberState = {
  coverage: { edge, gaps: [gap], swaps: [{ ...swap, interval: intervalIndex(1_006) }] },
  totals: {
    generated: wh(1n),
    consumed: wh(2n),
    sold: wh(3n),
    bought: wh(4n),
    corrected: { generated: wh(5n), consumed: wh(6n) },
    quarantined: { generated: wh(7n), consumed: wh(8n) },
  },
  sequence: 9,
};
const memberB: MemberState = { coverage: NOTHING_CLOSED, totals: NEW_MEMBER.totals, sequence: 0 };
const office: OfficeRecord = {
  dso: A,
  term: term(3),
  blocksInTerm: 2,
  mandate: { kind: "recall", height: height(4), round: round(1), signedBy: [A, B] },
};
const order: StandingOrder = {
  ...consumptionOrder(B, 1_006, 20n, 60n),
  acknowledged: true,
  givenAt: height(4),
};
const asGeneration: StandingOrder = {
  ...generationOrder(B, 1_006, 20n, 60n),
  acknowledged: true,
  givenAt: height(4),
};
const money: Money = {
  issued: microCoins(100n),
  accounts: new Map<AccountId, MicroCoins>([
    [A, microCoins(130n)],
    ["supplier", microCoins(-30n)],
  ]),
};
const deployed = signPolicy(testPolicy(1_000));
const withAccounts = (...accounts: readonly (readonly [AccountId, bigint])[]) => ({
  money: { ...money, accounts: new Map(accounts.map(([id, amount]) => [id, microCoins(amount)])) },
});
const bid: Bid = {
  side: "buy",
  limit: pricePerKwh(150_000n),
  cap: wh(500n),
  from: intervalIndex(1_005),
  to: intervalIndex(1_100),
  wish: { area: "north", fuel: "solar" },
};
const withBid = (change: Partial<Bid>) => ({ bids: [{ member: A, bid: { ...bid, ...change } }] });
const pending: PendingChange = { change: { kind: "revoke", member: B }, activeAt: height(7) };
const newcomer = testEnrolment("newcomer");
const full: LedgerState = {
  height: height(5),
  head: hashOf(Uint8Array.of(1)),
  nextInterval: intervalIndex(1_005),
  office,
  members: new Map([
    [A, memberA],
    [B, memberB],
  ]),
  orders: [order],
  money,
  policies: [deployed],
  bids: [{ member: A, bid }],
  sequences: new Map<TransactionSigner, number>([
    [GRID_ADMIN, 2],
    [A, 7],
  ]),
  ballots: new Map([[B, A]]),
  roster: {
    added: [newcomer],
    removed: [A],
    suspended: [B],
    guests: [A],
    meters: [{ member: A, meter: 1, serial: "77" }],
  },
  pendingChange: pending,
  rosterChanges: 3,
  absences: new Map([[B, 3]]),
  offences: new Map([[A, { votes: 4, readings: 0, provenAt: 5 }]]),
};

const withMember = (member: MemberState) => ({ members: new Map([...full.members, [A, member]]) });
const withCoverage = (changes: Partial<Coverage>) =>
  withMember({ ...memberA, coverage: { ...memberA.coverage, ...changes } });
const withEdge = (changes: Partial<Edge>) => withCoverage({ edge: { ...edge, ...changes } });
const withGap = (changes: Partial<Gap>) => withCoverage({ gaps: [{ ...gap, ...changes }] });
const withTotals = (changes: Partial<MemberState["totals"]>) =>
  withMember({ ...memberA, totals: { ...memberA.totals, ...changes } });
const withOffice = (changes: Partial<OfficeRecord>) => ({ office: { ...office, ...changes } });
const withMandate = (changes: Partial<OfficeRecord["mandate"]>) =>
  withOffice({ mandate: { ...office.mandate, ...changes } });

/** One other value for every field but the head. */
const OTHERS: Readonly<Record<string, Partial<LedgerState>>> = {
  height: { height: height(6) },
  "next interval": { nextInterval: intervalIndex(1_006) },
  "no office": { office: null },
  "the DSO": withOffice({ dso: B }),
  "its term": withOffice({ term: term(4) }),
  "its blocks": withOffice({ blocksInTerm: 3 }),
  "the kind of mandate": withMandate({ kind: "term-end" }),
  "the mandate's height": withMandate({ height: height(3) }),
  "the mandate's round": withMandate({ round: round(2) }),
  "no round": withMandate({ round: null }),
  "who signed the mandate": withMandate({ signedBy: [B, A] }),
  "a register": withEdge({ registers: [[wh(5n), wh(8n)], [wh(11n)]] }),
  "the meters of registers": withEdge({ registers: [[wh(5n)], [wh(7n), wh(11n)]] }),
  "the carry": withEdge({ carry: wh(0n) }),
  "no edge": withCoverage({ edge: null }),
  "no gap": withCoverage({ gaps: [] }),
  "where a gap begins": withGap({ from: intervalIndex(1_000) }),
  "where a gap ends": withGap({ to: intervalIndex(1_003) }),
  "the registers before a gap": withGap({ before: { ...edge, registers: [[wh(5n), wh(6n)], [wh(11n)]] } }),
  "nothing before a gap": withGap({ before: null }),
  "the registers after a gap": withGap({ after: edge }),
  "nothing after a gap": withGap({ after: null }),
  "no swap in a gap": withGap({ swaps: [] }),
  "where the old meter ended": withGap({ swaps: [{ ...swap, oldEnd: [wh(13n)] }] }),
  "where the new meter began": withGap({ swaps: [{ ...swap, newStart: [wh(2n)] }] }),
  "which meter was swapped": withGap({ swaps: [{ ...swap, meter: 0 }] }),
  "no swap ahead": withCoverage({ swaps: [] }),
  "when a swap ahead was": withCoverage({ swaps: [swap] }),
  "the highest sequence": withMember({ ...memberA, sequence: 10 }),
  "total generated": withTotals({ generated: wh(9n) }),
  "total consumed": withTotals({ consumed: wh(9n) }),
  "total sold": withTotals({ sold: wh(9n) }),
  "total bought": withTotals({ bought: wh(9n) }),
  "generation corrected": withTotals({ corrected: { generated: wh(9n), consumed: wh(6n) } }),
  "consumption corrected": withTotals({ corrected: { generated: wh(5n), consumed: wh(9n) } }),
  "generation quarantined": withTotals({ quarantined: { generated: wh(9n), consumed: wh(8n) } }),
  "consumption quarantined": withTotals({ quarantined: { generated: wh(7n), consumed: wh(9n) } }),
  "the members exchanged": {
    members: new Map([
      [A, memberB],
      [B, memberA],
    ]),
  },
  "a member less": { members: new Map([[A, memberA]]) },
  "no order": { orders: [] },
  "an order twice": { orders: [order, order] },
  "the order's member": { orders: [{ ...order, member: A }] },
  "the order's interval": { orders: [{ ...order, interval: intervalIndex(1_007) }] },
  "the order's bound": { orders: [{ ...order, ...consumptionOrder(B, 1_006, 21n, 60n) }] },
  "what the order limits": { orders: [asGeneration] },
  "an acknowledgement of the order": { orders: [{ ...order, acknowledged: false }] },
  "when the order was given": { orders: [{ ...order, givenAt: height(3) }] },
  "a sequence": { sequences: new Map([...full.sequences, [A, 8]]) },
  "no sequences": { sequences: new Map() },
  "whose sequence": { sequences: new Map([...full.sequences, [B, 7]]) },
  "a ballot": { ballots: new Map([[B, B]]) },
  "no ballot": { ballots: new Map() },
  "who was admitted": { roster: { ...full.roster, added: [] } },
  "who left": { roster: { ...full.roster, removed: [] } },
  "who is suspended": { roster: { ...full.roster, suspended: [] } },
  "who is a guest": { roster: { ...full.roster, guests: [] } },
  "a swapped meter": { roster: { ...full.roster, meters: [] } },
  "the serial of a swapped meter": {
    roster: { ...full.roster, meters: [{ member: A, meter: 1, serial: "78" }] },
  },
  "no change on its way": { pendingChange: null },
  "the change on its way": { pendingChange: { ...pending, change: { kind: "suspend", member: B } } },
  "when the change is active": { pendingChange: { ...pending, activeAt: height(8) } },
  "how many changes there were": { rosterChanges: 4 },
  "an absence": { absences: new Map([[B, 4]]) },
  "no absence": { absences: new Map() },
  "no offence": { offences: new Map() },
  "the votes of an offence": { offences: new Map([[A, { votes: 5, readings: 0, provenAt: 5 }]]) },
  "the readings of an offence": { offences: new Map([[A, { votes: 4, readings: 1, provenAt: 5 }]]) },
  "when an offence was proven": { offences: new Map([[A, { votes: 4, readings: 0, provenAt: 6 }]]) },
  "what the order's member wanted": { orders: [{ ...order, wanted: wh(61n) }] },
  "what was issued": { money: { ...money, issued: microCoins(101n) } },
  "what an account holds": withAccounts([A, 131n], ["supplier", -30n]),
  "what a named account holds": withAccounts([A, 130n], ["supplier", -31n]),
  "whose account it is": withAccounts([B, 130n], ["supplier", -30n]),
  "which named account it is": withAccounts([A, 130n], ["imbalance", -30n]),
  "no account": withAccounts(),
  "no policy": { policies: [] },
  "the policy": { policies: [signPolicy(testPolicy(1_001))] },
  "the policy's signature": { policies: [{ ...deployed, signature: new Uint8Array(64).fill(1) }] },
  "no bid": { bids: [] },
  "whose bid it is": { bids: [{ member: B, bid }] },
  "the bid's side": withBid({ side: "sell" }),
  "the bid's limit": withBid({ limit: pricePerKwh(150_001n) }),
  "the bid's cap": withBid({ cap: wh(501n) }),
  "when the bid begins": withBid({ from: intervalIndex(1_006) }),
  "when the bid ends": withBid({ to: null }),
  "the area that is wished": withBid({ wish: { area: null, fuel: "solar" } }),
  "the fuel that is wished": withBid({ wish: { area: "north", fuel: "wind" } }),
  "a policy more": { policies: [deployed, signPolicy(testPolicy(2_001, { version: 2 }))] },
};

const states = suite("ledger state");

for (const [name, change] of Object.entries(OTHERS)) {
  states(`has another root and other bytes with another value of ${name}`, () => {
    const other = { ...full, ...change };
    assert.is.not(stateRoot(other), stateRoot(full));
    assert.not.equal(encodeState(other), encodeState(full));
  });
}

states("has one root per state, all different", () => {
  const roots = new Set(Object.values(OTHERS).map((change) => stateRoot({ ...full, ...change })));
  assert.is(roots.size, Object.keys(OTHERS).length);
});

states("has the same root whatever the head, which names the root itself", () => {
  const other = { ...full, head: hashOf(Uint8Array.of(2)) };
  assert.is(stateRoot(other), stateRoot(full));
  assert.not.equal(encodeState(other), encodeState(full));
});

states("has the same root and bytes whatever the sequence members came in", () => {
  const other = { ...full, members: new Map([...full.members].reverse()) };
  assert.is(stateRoot(other), stateRoot(full));
  assert.equal(encodeState(other), encodeState(full));
});

states("begins with nobody in office, nothing settled, nothing ordered", () => {
  const empty = emptyState([A, B], intervalIndex(7));
  assert.is(empty.height, 0);
  assert.is(empty.head, "0".repeat(64));
  assert.is(empty.nextInterval, 7);
  assert.is(empty.office, null);
  assert.equal(empty.orders, []);
  assert.equal([...empty.members.values()], [memberB, memberB]);
  assert.equal(readState(encodeState(empty)), { kind: "accept", value: empty });
});

const amount = fc.bigInt({ min: 0n, max: 2n ** 62n }).map(wh);
const index = fc.maxSafeNat().map(intervalIndex);
const member = fc.nat(255).map(testMember);
const plainRecord = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
const bound = {
  member,
  interval: index,
  wanted: amount,
  acknowledged: fc.boolean(),
  givenAt: fc.maxSafeNat().map(height),
};
const anyOrder: fc.Arbitrary<StandingOrder> = fc.oneof(
  plainRecord({ kind: fc.constant("consumption" as const), ...bound, maxDeficit: amount }),
  plainRecord({ kind: fc.constant("generation" as const), ...bound, maxExcess: amount }),
);
const anyEdge: fc.Arbitrary<Edge> = plainRecord({
  registers: fc.array(fc.array(amount, { maxLength: 2 }), { maxLength: 4 }),
  carry: amount.map((value) => wh(-value)),
});
const anySwap: fc.Arbitrary<MeterSwap> = plainRecord({
  interval: index,
  meter: fc.nat(3),
  oldEnd: fc.array(amount, { maxLength: 2 }),
  newStart: fc.array(amount, { maxLength: 2 }),
});
const anyGap: fc.Arbitrary<Gap> = plainRecord({
  from: index,
  to: index,
  before: fc.option(anyEdge),
  after: fc.option(anyEdge),
  swaps: fc.array(anySwap, { maxLength: 2 }),
});
const coverage: fc.Arbitrary<Coverage> = plainRecord({
  edge: fc.option(anyEdge),
  gaps: fc.array(anyGap, { maxLength: 4 }),
  swaps: fc.array(anySwap, { maxLength: 2 }),
});
const pair = plainRecord({ generated: amount, consumed: amount.map((value) => wh(-value)) });
const totals = plainRecord({
  generated: amount,
  consumed: amount,
  sold: amount,
  bought: amount,
  corrected: pair,
  quarantined: pair,
});
const coin = fc.bigInt({ min: -MAX_COINS, max: MAX_COINS }).map(microCoins);
function sortedMap<Key, Value>(entries: readonly (readonly [Key, Value])[]): Map<Key, Value> {
  return new Map([...new Map(entries)].sort(([left], [right]) => (left < right ? -1 : 1)));
}
const anyState: fc.Arbitrary<LedgerState> = plainRecord({
  height: fc.maxSafeNat().map(height),
  head: fc.uint8Array().map(hashOf),
  nextInterval: index,
  office: fc.option(
    plainRecord<OfficeRecord>({
      dso: member,
      term: fc.maxSafeNat().map(term),
      blocksInTerm: fc.maxSafeNat(),
      mandate: plainRecord<OfficeRecord["mandate"]>({
        kind: fc.constantFrom("genesis", "term-end", "recall"),
        height: fc.maxSafeNat().map(height),
        round: fc.option(fc.maxSafeNat().map(round)),
        signedBy: fc.array(member, { maxLength: 5 }),
      }),
    }),
  ),
  members: fc
    .array(fc.tuple(member, plainRecord<MemberState>({ coverage, totals, sequence: fc.maxSafeNat() })), {
      maxLength: 6,
    })
    .map(sortedMap),
  orders: fc.array(anyOrder, { maxLength: 5 }),
  money: plainRecord<Money>({
    issued: coin.map((value) => microCoins(value < 0n ? -value : value)),
    accounts: fc
      .array(fc.tuple(fc.oneof(member, fc.constantFrom(...NAMED_ACCOUNTS)), coin), { maxLength: 6 })
      .map(sortedMap<AccountId, MicroCoins>),
  }),
  policies: fc.constantFrom([], [deployed]),
  bids: fc.array(
    plainRecord({
      member,
      bid: plainRecord<Bid>({
        side: fc.constantFrom("buy", "sell"),
        limit: fc.bigInt({ min: 0n, max: MAX_PRICE }).map(pricePerKwh),
        cap: amount,
        from: index,
        to: fc.option(index),
        wish: plainRecord<Bid["wish"]>({
          area: fc.option(fc.constantFrom("north", "feeder-1")),
          fuel: fc.option(fc.constantFrom("solar", "grid-mix")),
        }),
      }),
    }),
    { maxLength: 4 },
  ),
  sequences: fc
    .array(fc.tuple(fc.oneof(member, fc.constant(GRID_ADMIN)), fc.maxSafeNat()), { maxLength: 5 })
    .map(sortedMap),
  ballots: fc.array(fc.tuple(member, member), { maxLength: 5 }).map(sortedMap),
  roster: plainRecord<LedgerState["roster"]>({
    added: fc.constantFrom([], [newcomer]),
    removed: fc.array(member, { maxLength: 3 }),
    suspended: fc.array(member, { maxLength: 3 }),
    guests: fc.array(member, { maxLength: 3 }),
    meters: fc.array(plainRecord({ member, meter: fc.nat(3), serial: fc.constantFrom("1", "A-77") }), {
      maxLength: 2,
    }),
  }),
  pendingChange: fc.option(
    plainRecord<PendingChange>({
      change: fc.oneof(
        plainRecord({ kind: fc.constantFrom("revoke", "suspend", "reinstate"), member }),
        plainRecord({ kind: fc.constant("admit"), enrolment: fc.constant(newcomer), isVoter: fc.boolean() }),
        plainRecord({ kind: fc.constant("rekey"), member, enrolment: fc.constant(newcomer) }),
      ),
      activeAt: fc.maxSafeNat().map(height),
    }),
  ),
  rosterChanges: fc.maxSafeNat(),
  offences: fc
    .array(
      fc.tuple(
        member,
        plainRecord({ votes: fc.maxSafeNat(), readings: fc.maxSafeNat(), provenAt: fc.maxSafeNat() }),
      ),
      { maxLength: 3 },
    )
    .map(sortedMap),
  absences: fc.array(fc.tuple(member, fc.maxSafeNat()), { maxLength: 5 }).map(sortedMap),
});

states("comes back from its bytes as it was", () => {
  const holds = (state: LedgerState) => {
    const read = readState(encodeState(state));
    assert.equal(read, { kind: "accept", value: state });
    assert.ok(read.kind === "accept" && stateRoot(read.value) === stateRoot(state));
  };
  fc.assert(fc.property(anyState, holds), { seed, numRuns: 1_000 });
});

states("of 200 members with every gap open is less than half the limit", () => {
  const far = intervalIndex(Number.MAX_SAFE_INTEGER);
  const most: Edge = {
    registers: [[wh(2n ** 62n), wh(2n ** 62n)], [wh(2n ** 62n)]],
    carry: wh(-(2n ** 62n)),
  };
  const gaps = Array.from({ length: MAX_GAPS }, () => ({
    from: far,
    to: far,
    before: most,
    after: most,
    swaps: [],
  }));
  const entries = Array.from(
    { length: 200 },
    (_, place) => [testMember(place), { ...memberA, coverage: { edge: most, gaps, swaps: [] } }] as const,
  );
  const encoded = encodeState({ ...full, members: new Map(entries) });
  assert.ok(encoded.length < MAX_STATE_BYTES / 2, `${encoded.length} bytes`);
  assert.is(readState(encoded).kind, "accept");
});

states("is refused by value when it is none", () => {
  const codeOf = (bytes: Uint8Array) => {
    const read = readState(bytes);
    return read.kind === "accept" ? "accept" : read.code;
  };
  assert.is(codeOf(new Uint8Array()), "NOT_CBOR");
  assert.is(codeOf(new Uint8Array(MAX_STATE_BYTES + 1)), "MESSAGE_TOO_LONG");
  assert.is(codeOf(encode([])), "BAD_SHAPE");
  const encoded = encodeState(full);
  for (let at = 0; at < encoded.length; at += 1) codeOf(encoded.with(at, (encoded[at] ?? 0) ^ 0xff));
});

states.run();
