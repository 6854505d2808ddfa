// time limit: 300 s
/** From the voters that are known to those of any height, by the blocks that changed them; and what leads nowhere. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, decode, encode } from "../../../../../../agent/core/codec.ts";
import { encodeCommitCertificate } from "../../../../../../agent/core/consensus/certificateCodec.ts";
import { type Block, blockHash, encodeBlock } from "../../../../../../agent/core/ledger/blocks/block.ts";
import { rosterAfterRecovery } from "../../../../../../agent/core/ledger/chain/epochEnd.ts";
import {
  MAX_TRAIL,
  MAX_TRAIL_ENTRY_BYTES,
  trailEntry,
} from "../../../../../../agent/core/ledger/chain/trailEntry.ts";
import {
  judgeTrailEnd,
  type KnownVoters,
  knownVoters,
  votersAlong,
} from "../../../../../../agent/core/ledger/chain/votersAlong.ts";
import {
  chainContext,
  contextAt,
  genesisState,
  type LedgerContext,
} from "../../../../../../agent/core/ledger/state/context.ts";
import { type LedgerState, stateRoot } from "../../../../../../agent/core/ledger/state/state.ts";
import { ABSENT_CERTIFICATES } from "../../../../../../agent/core/ledger/transactions/absences.ts";
import type { MemberId } from "../../../../../../agent/core/membership/address.ts";
import type { RosterChange } from "../../../../../../agent/core/membership/rosterDelta.ts";
import { height } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  memberNamed,
  testContext,
  testEnrolment,
  testGenesis,
  verify,
} from "../../../../../support/chainBuilder.ts";
import { type PlannedChange, settleWith } from "../../../../../support/changedChain.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";
import { signRecovery } from "../../../../../support/recoveryCases.ts";
import { commitCertificate, quorumOf } from "../../../../../support/testCertificates.ts";

function wrong(what: string): never {
  throw new Error(what);
}

const context = testContext(5);
const id = (name: string) => memberNamed(context, name).id;
const admit = (name: string, isVoter: boolean): RosterChange => ({
  kind: "admit",
  enrolment: testEnrolment(name),
  isVoter,
});
const dep8 = memberNamed(testContext(8), "dep8").id;

/** Every kind of change, in 112 blocks and more. */
const PLANS: readonly PlannedChange[] = [
  { at: 2, change: admit("dep6", true) },
  { at: 5, change: { kind: "rekey", member: id("dep4"), enrolment: testEnrolment("dep7") } },
  { at: 8, change: { kind: "revoke", member: id("dep2") } },
  { at: 10, change: admit("dep8", false) },
  { at: 12, change: { kind: "reinstate", member: dep8 } },
];
const chain = new ChainBuilder(context);
let kept = settleWith(chain, 14 + ABSENT_CERTIFICATES, PLANS);
const [absent] = [...chain.state.absences].findLast(([, count]) => count >= ABSENT_CERTIFICATES) ?? [];
const away: MemberId = absent ?? wrong("nobody was away");
const suspension = chain.state.height + 1;
kept = settleWith(
  chain,
  suspension + 6,
  [
    { at: suspension, change: { kind: "suspend", member: away }, signer: id("dep1") },
    { at: suspension + 3, change: { kind: "reinstate", member: away } },
  ],
  kept,
);
const { changes } = kept;
const entries = changes.map(({ entry }) => entry);
const start = knownVoters(context, genesisState(context));
const stateAt = (at: number): LedgerState =>
  at === 0 ? genesisState(context) : (chain.blocks[at - 1]?.state ?? chain.state);

function along(trail: readonly Uint8Array[], from: KnownVoters = start, judging: LedgerContext = context) {
  let known = from;
  for (const entry of trail) {
    const followed = votersAlong(judging, known, entry);
    if (followed.kind !== "accept") return followed.code;
    known = followed.value;
  }
  return known;
}
function reached(trail: readonly Uint8Array[], from = start, judging = context): KnownVoters {
  const known = along(trail, from, judging);
  return typeof known === "string" ? wrong(known) : known;
}
const endOf = (known: KnownVoters, state: LedgerState) => {
  const end = judgeTrailEnd(known, state);
  return end.kind === "accept" ? "accept" : end.code;
};
const upTo = (at: number) => changes.filter((change) => change.height <= at).map(({ entry }) => entry);

const test = suite("voters along a trail");

test("are those of the chain at every height: on the block of a change, and one and two above it", () => {
  assert.equal(
    changes.map((change) => change.height),
    [2, 5, 8, 10, 12, suspension, suspension + 3],
  );
  const seen = new Set<string>();
  for (let at = 1; at <= chain.state.height; at += 1) {
    const known = reached(upTo(at));
    const { voters } = contextAt(context, known, height(at)).voters;
    assert.equal(voters, contextAt(context, stateAt(at), height(at)).voters.voters, `height ${at}`);
    assert.is(endOf(known, stateAt(at)), "accept", `height ${at}`);
    seen.add(voters.map((voter) => voter.id).join());
  }
  assert.is(
    seen.size,
    6,
    "voters of the genesis and after each change but the guest's, who came back to one",
  );
});

test("follow from any height that is known, by the changes above it", () => {
  for (let at = 0; at < 16; at += 1) {
    const above = changes.filter((change) => change.height > at).map(({ entry }) => entry);
    const known = reached(above, knownVoters(context, stateAt(at)));
    assert.is(endOf(known, chain.state), "accept", `from height ${at}`);
  }
});

test("a block that holds no change has no entry, nor has one whose change had no effect", () => {
  for (const at of [1, 3, 4, 7]) {
    const { block, certificate } = chain.entries[at - 1]!;
    assert.is(trailEntry(block, certificate, stateAt(at)), null, `height ${at}`);
  }
  const { block, certificate } = chain.entries[1]!;
  const full = { ...stateAt(2), rosterChanges: MAX_TRAIL + 1 };
  assert.is(trailEntry(block, certificate, full), null, "nobody would follow it");
});

test("a trail that leaves out a change leads nowhere, whichever it is", () => {
  for (const [left, change] of changes.entries()) {
    const trail = entries.toSpliced(left, 1);
    if (left < changes.length - 1) assert.is(along(trail), "TRAIL_GAP", `without height ${change.height}`);
    else assert.is(endOf(reached(trail), chain.state), "TRAIL_INCOMPLETE");
  }
  assert.is(endOf(reached(entries), stateAt(suspension)), "TRAIL_INCOMPLETE", "one too many");
});

test("entries that are repeated or out of order lead nowhere", () => {
  const [first, second] = entries as [Uint8Array, Uint8Array];
  assert.is(along([first, first]), "TRAIL_ORDER");
  assert.is(along([second, first]), "TRAIL_GAP");
  assert.is(along([first, second, first]), "TRAIL_ORDER");
});

/** Fields of an entry as they stand in it: header, certificate, number, change, path. */
type Fields = [header: Uint8Array, certificate: Uint8Array, number: number, change: Cbor, path: Cbor[]];
function fieldsOf(entry: Uint8Array): Fields {
  const raw = decode(entry, (value) => value as Fields, MAX_TRAIL_ENTRY_BYTES);
  return raw.kind === "accept" ? raw.value : wrong(raw.code);
}
const altered = (entry: Uint8Array, change: (fields: Fields) => void) => {
  const fields = fieldsOf(entry);
  change(fields);
  return encode(fields as Cbor);
};
/** The header with another value in one of its places. */
const withField = (header: Uint8Array, place: number, value: Cbor): Uint8Array => {
  const raw = decode(header, (fields) => fields as Cbor[], 512);
  return raw.kind === "accept" ? encode(raw.value.with(place, value)) : wrong(raw.code);
};
const [HEIGHT, STATE_ROOT] = [3, 11];
const first = entries[0]!;
const second = entries[1]!;
const afterFirst = reached([first]);

const certifiedBy = (at: number, judging: LedgerContext, signers = quorumOf(judging)) => {
  const { blockHash: hash } = chain.entries[at - 1]!;
  const certificate = commitCertificate(judging, height(at), hash, { signers });
  return encodeCommitCertificate(certificate, judging.voters.voters);
};
/** A quorum that this one is part of. */
const quorumWith = (judging: LedgerContext, name: string) => {
  const { id: one } = memberNamed(judging, name);
  return [one, ...quorumOf(judging).filter((other) => other !== one)].slice(0, quorumOf(judging).length);
};
const contextOf = (at: number) => contextAt(context, stateAt(at), height(at));

const REFUSED: readonly (readonly [what: string, code: string, from: KnownVoters, entry: Uint8Array])[] = [
  ["nothing", "NOT_CBOR", start, new Uint8Array()],
  ["more bytes than an entry has", "MESSAGE_TOO_LONG", start, new Uint8Array(MAX_TRAIL_ENTRY_BYTES + 1)],
  [
    "another change",
    "TRAIL_UNPROVEN",
    start,
    altered(first, (fields) => {
      fields[3] = fieldsOf(entries[2]!)[3];
    }),
  ],
  ["a path cut short", "TRAIL_UNPROVEN", start, altered(first, (fields) => void fields[4].pop())],
  [
    "the path of another entry",
    "TRAIL_UNPROVEN",
    start,
    altered(first, (fields) => {
      fields[4] = fieldsOf(entries[2]!)[4];
    }),
  ],
  [
    "a path longer than any",
    "BAD_SHAPE",
    start,
    altered(first, (fields) => {
      fields[4] = Array.from({ length: 33 }, () => [true, new Uint8Array(32)]);
    }),
  ],
  [
    "another number",
    "TRAIL_GAP",
    start,
    altered(first, (fields) => {
      fields[2] = 2;
    }),
  ],
  [
    "a number that has no end",
    "TRAIL_TOO_LONG",
    { ...start, rosterChanges: MAX_TRAIL },
    altered(first, (fields) => {
      fields[2] = MAX_TRAIL + 1;
    }),
  ],
  [
    "a height while another change is on its way",
    "TRAIL_ORDER",
    afterFirst,
    altered(second, (fields) => {
      fields[0] = withField(fields[0], HEIGHT, 3);
    }),
  ],
  [
    "a height beyond all",
    "TRAIL_ORDER",
    start,
    altered(first, (fields) => {
      fields[0] = withField(fields[0], HEIGHT, Number.MAX_SAFE_INTEGER);
    }),
  ],
  [
    "a header that no certificate names",
    "PARENT_CERTIFICATE_OTHER",
    start,
    altered(first, (fields) => {
      fields[0] = withField(fields[0], 1 + 4, 77);
    }),
  ],
  [
    "another state root",
    "TRAIL_UNPROVEN",
    start,
    altered(first, (fields) => {
      fields[0] = withField(fields[0], STATE_ROOT, new Uint8Array(32));
    }),
  ],
  [
    "the certificate of another block",
    "PARENT_CERTIFICATE_OTHER",
    start,
    altered(first, (fields) => {
      fields[1] = chain.entries[2]!.certificate;
    }),
  ],
  [
    "a quorum less one",
    "TOO_FEW_VOTERS",
    start,
    altered(first, (fields) => {
      fields[1] = certifiedBy(2, contextOf(2), quorumOf(contextOf(2)).slice(1));
    }),
  ],
  [
    "a quorum of the voters after the change",
    "BAD_SIGNATURE",
    start,
    altered(first, (fields) => {
      fields[1] = certifiedBy(2, contextOf(4), quorumWith(contextOf(4), "dep6"));
    }),
  ],
  [
    "a quorum with one that votes no more",
    "BAD_SIGNATURE",
    reached(entries.slice(0, 3)),
    altered(entries[3]!, (fields) => {
      fields[1] = certifiedBy(10, contextOf(9), quorumWith(contextOf(9), "dep2"));
    }),
  ],
];
for (const [what, code, from, entry] of REFUSED) {
  test(`an entry with ${what} is refused as ${code}`, () => {
    assert.is(along([entry], from), code);
  });
}

test("an entry of another microgrid is refused", () => {
  const other = testContext(5, { seed: new Uint8Array(32) });
  assert.is(along([first], start, other), "BLOCK_WRONG_CHAIN");
});

/** A block on that state with a change that the rules would not make, certified all the same. */
function forged(judging: LedgerContext, on: ChainBuilder, change: RosterChange): Uint8Array {
  const assembled = on.assemble([{}]);
  const at = assembled.state.height;
  const pendingChange = { change, activeAt: height(at + 2) };
  const state: LedgerState = { ...assembled.state, pendingChange, rosterChanges: 1 };
  const { body } = assembled.block;
  const block: Block = { header: { ...assembled.block.header, stateRoot: stateRoot(state) }, body };
  const certificate = commitCertificate(judging, at, blockHash(block.header));
  const encoded = encodeCommitCertificate(certificate, judging.voters.voters);
  return trailEntry(encodeBlock(block), encoded, state) ?? wrong("no entry");
}

test("a change that leaves no voter is refused, whoever certified it", () => {
  const alone = testContext(1);
  const revoke = { kind: "revoke", member: memberNamed(alone, "dep1").id } as const;
  const entry = forged(alone, new ChainBuilder(alone), revoke);
  assert.is(along([entry], knownVoters(alone, genesisState(alone)), alone), "TRAIL_NO_VOTERS");
});

test("what a quorum of the voters before it certified is believed; nothing of the true chain follows then", () => {
  const lie = forged(context, new ChainBuilder(context), { kind: "revoke", member: id("dep5") });
  const known = reached([lie]);
  assert.is(contextAt(context, known, height(9)).voters.voters.length, 4);
  assert.is(along([second], known), "BAD_SIGNATURE");
  assert.is(along([first], known), "TRAIL_ORDER");
  assert.is(endOf(known, stateAt(3)), "TRAIL_OTHER");
});

test("the end must hold the same change on its way, and the same that were made", () => {
  const known = reached(entries);
  const { roster } = chain.state;
  assert.is(endOf(known, { ...chain.state, roster: { ...roster, guests: [away] } }), "TRAIL_OTHER");
  const meters = [{ member: away, meter: 0, serial: "77" }];
  assert.is(
    endOf(known, { ...chain.state, roster: { ...roster, meters } }),
    "accept",
    "meters are no voters",
  );
  const onItsWay = reached([first]);
  assert.is(endOf(onItsWay, stateAt(3)), "accept");
  assert.is(endOf(onItsWay, { ...stateAt(3), pendingChange: null }), "TRAIL_OTHER");
});

test("across the border of an epoch the trail begins anew, with the roster of the recovery", () => {
  const before = new ChainBuilder(context);
  settleWith(before, 8, PLANS);
  const { height: base, head } = before.state;
  const roster = rosterAfterRecovery(before.state, [id("dep3")]);
  const recovery = {
    epoch: 1,
    previous: context.roster.chainId,
    head: { height: base, hash: head, stateRoot: stateRoot(before.state) },
    prepared: null,
    roster,
    reporters: [],
    lost: [id("dep3")],
    isProven: false,
  };
  const genesis = testGenesis(["dep1", "dep2", "dep3", "dep4", "dep5"].map((name) => testEnrolment(name)));
  const next = chainContext({ genesis, recoveries: [signRecovery(recovery)], adopted: null }, verify);
  const after = new ChainBuilder(next);
  after.state = before.state;
  const { changes: later } = settleWith(after, 14, [
    { at: 9, change: admit("dep9", true) },
    { at: 12, change: { kind: "revoke", member: id("dep1") } },
  ]);
  assert.is(after.state.rosterChanges, 2);
  const trail = later.map(({ entry }) => entry);
  for (const known of [genesisState(next), before.blocks[4]!.state, before.state]) {
    const from = knownVoters(next, known);
    assert.equal([from.height, from.rosterChanges], [base, 0]);
    assert.is(endOf(reached(trail, from, next), after.state), "accept");
  }
  assert.is(along([first], knownVoters(next, genesisState(next)), next), "BLOCK_WRONG_CHAIN");
  assert.is(along(trail.slice(0, 1)), "BLOCK_WRONG_CHAIN", "nor is an entry of the new epoch one of the old");
});

test("no bytes make it throw", () => {
  const flipped = fc
    .tuple(fc.nat(first.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => first.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), flipped), (bytes) => {
      assert.type(votersAlong(context, start, bytes).kind, "string");
    }),
    { seed: propertySeed("votersAlong.test.ts"), numRuns: 500 },
  );
});

test("no byte of an entry can be another one", () => {
  for (let at = 0; at < first.length; at += 1)
    assert.type(along([first.with(at, (first[at] ?? 0) ^ 1)]), "string", `byte ${at}`);
});

test.run();
