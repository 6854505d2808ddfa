/** What a block owes by its certificates: no honest item left out, none that nobody can have. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCommitCertificate } from "../../../../../../agent/core/consensus/certificateCodec.ts";
import {
  type Item,
  type ItemList,
  itemListOf,
  NO_ITEMS,
} from "../../../../../../agent/core/consensus/item.ts";
import { mandateFor } from "../../../../../../agent/core/consensus/mandate.ts";
import { assembleBlock } from "../../../../../../agent/core/ledger/blocks/assemble.ts";
import { encodeBlock } from "../../../../../../agent/core/ledger/blocks/block.ts";
import { judgeBlock } from "../../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import { seatingOf } from "../../../../../../agent/core/ledger/state/context.ts";
import type { SignedTransaction } from "../../../../../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../../../../../agent/core/membership/address.ts";
import { round } from "../../../../../../agent/core/units.ts";
import { ChainBuilder, signTransaction, testContext } from "../../../../../support/chainBuilder.ts";
import { quorumOf, signedCommits, signedRoundChanges } from "../../../../../support/testCertificates.ts";

const owed = suite("owed items");

const DID = { dep1: [500, 100], dep2: [0, 300], dep3: [0, 50], dep4: [0, 0] } as const;

/** A street of n, one block on its chain, and its members by place. */
function world(members = 4) {
  const context = testContext(members);
  const chain = new ChainBuilder(context);
  chain.settle([DID]);
  const places = context.roster.members.map(({ name }) => name);
  const place = (name: string) => places.indexOf(name);
  const reading = (name: string): Item => ({ kind: "reading", position: 1, signer: place(name) });
  const transaction = (name: string, position = 1): Item => ({
    kind: "transaction",
    position,
    signer: place(name),
  });
  const ballot = (name: string, sequence: number, candidate: string | null = null): SignedTransaction => {
    const id = (of: string) => context.roster.members[place(of)]!.id;
    const content = { kind: "ballot", candidate: candidate === null ? null : id(candidate) } as const;
    return signTransaction(context, { signer: id(name), sequence, content });
  };
  const readings = chain.readings(chain.state.nextInterval, DID);
  return { context, chain, readings, reading, transaction, ballot };
}
type World = ReturnType<typeof world>;

/** Judges the second block: what the votes below it hold and those of its mandate name, what it has. */
function verdictOf(
  { context, chain, readings }: World,
  votes: { readonly held?: readonly ItemList[]; readonly named?: readonly ItemList[] },
  holds: { readonly silent?: readonly string[]; readonly transactions?: readonly SignedTransaction[] },
): string {
  const { state } = chain;
  const signers = quorumOf(context);
  const listed = (lists: readonly ItemList[] | undefined, index: number) => lists?.[index] ?? NO_ITEMS;
  const parent = signedCommits(context, state.height, state.head, signers, (index) =>
    listed(votes.held, index),
  );
  const recall =
    votes.named === undefined
      ? null
      : signedRoundChanges(context, state, 1, signers, (index) => listed(votes.named, index));
  const isSilent = (id: string) =>
    holds.silent?.includes(context.roster.byId.get(id as MemberId)?.name ?? "");
  const made = assembleBlock(context, state, {
    parentCertificate: encodeCommitCertificate(parent, context.voters.voters),
    claim: mandateFor(seatingOf(context, state), round(recall === null ? 0 : 1), recall),
    late: [],
    intervals: [readings.filter(({ reading }) => isSilent(reading.member) !== true)],
    transactions: holds.transactions ?? [],
  });
  const judged = judgeBlock(context, state, encodeBlock(made.block), null);
  return judged.kind === "accept" ? "accept" : `${judged.code} ${judged.detail}`;
}

const listed = (...items: readonly Item[]) => itemListOf(items);

owed("are in the block, or nobody takes it: a reading that two of four hold", () => {
  const w = world();
  const held = [listed(w.reading("dep3")), listed(w.reading("dep3"))];
  assert.is(verdictOf(w, { held }, {}), "accept");
  assert.is(
    verdictOf(w, { held }, { silent: ["dep3"] }),
    `BLOCK_OMITS_HELD reading of dep3 for interval ${w.chain.state.nextInterval}`,
  );
});

owed("are not those that one voter says to hold: it may lie", () => {
  const w = world();
  assert.is(verdictOf(w, { held: [listed(w.reading("dep3"))] }, { silent: ["dep3"] }), "accept");
  assert.is(verdictOf(w, { named: [listed(w.reading("dep3"))] }, { silent: ["dep3"] }), "accept");
});

owed("are of six voters those that three hold: two of them may be gone", () => {
  const w = world(6);
  const one = listed(w.transaction("dep5"));
  assert.is(verdictOf(w, { held: [one, one] }, {}), "accept");
  assert.is(verdictOf(w, { held: [one, one, one] }, {}), "BLOCK_OMITS_HELD transaction 1 of dep5");
  assert.is(verdictOf(w, { held: [one, one, one] }, { transactions: [w.ballot("dep5", 1)] }), "accept");
});

owed("are in a recalling DSO's block when f + 1 ROUND_CHANGEs name them", () => {
  const w = world();
  const named = [listed(w.reading("dep4"), w.transaction("dep1")), listed(w.reading("dep4"))];
  assert.is(verdictOf(w, { named }, {}), "accept");
  assert.is(
    verdictOf(w, { named }, { silent: ["dep4"] }),
    `BLOCK_OMITS_NAMED reading of dep4 for interval ${w.chain.state.nextInterval}`,
  );
});

owed("are met by one in conflict: two transactions of one liar make no block impossible", () => {
  const w = world();
  const held = [listed(w.transaction("dep2")), listed(w.transaction("dep2")), listed(w.transaction("dep2"))];
  for (const candidate of [null, "dep1", "dep3"])
    assert.is(verdictOf(w, { held }, { transactions: [w.ballot("dep2", 1, candidate)] }), "accept");
  assert.is(verdictOf(w, { held }, {}), "BLOCK_OMITS_HELD transaction 1 of dep2");
});

owed("are a signer's transactions from the next one on", () => {
  const w = world();
  const held = [1, 2].map(() => listed(w.transaction("dep2"), w.transaction("dep2", 2)));
  assert.is(
    verdictOf(w, { held }, { transactions: [w.ballot("dep2", 1)] }),
    "BLOCK_OMITS_HELD transaction 2 of dep2",
  );
  assert.is(verdictOf(w, { held }, { transactions: [w.ballot("dep2", 1), w.ballot("dep2", 2)] }), "accept");
});

owed("are none that no block can have: nobody's, or at no position", () => {
  const w = world();
  const strange: readonly Item[] = [
    { kind: "reading", position: 1, signer: 4 },
    { kind: "reading", position: 2, signer: 0 },
    { kind: "transaction", position: 5, signer: 0 },
    { kind: "transaction", position: 1, signer: 5 },
  ];
  for (const item of strange) {
    const lists = [1, 2, 3].map(() => listed(item));
    assert.is(verdictOf(w, { held: lists, named: lists }, {}), "accept", JSON.stringify(item));
  }
});

owed.run();
