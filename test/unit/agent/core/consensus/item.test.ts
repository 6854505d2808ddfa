/** Lists of items: one form, a hard bound, and who may be counted on to hold what is owed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import {
  decodeItemList,
  encodeItemList,
  heldThreshold,
  type Item,
  itemListHash,
  itemListOf,
  itemsNamedBy,
  itemsOf,
  MAX_ITEM_GROUPS,
  MAX_ITEM_LIST_BYTES,
  MAX_ITEM_POSITION,
  NO_ITEMS,
  namedThreshold,
  namesAny,
} from "../../../../../agent/core/consensus/item.ts";
import { maxFaulty, quorum } from "../../../../../agent/core/consensus/quorum.ts";

const items = suite("items");

const reading = (signer: number): Item => ({ kind: "reading", position: 1, signer });
const transaction = (signer: number, position = 1): Item => ({ kind: "transaction", position, signer });
const all = Array.from({ length: 201 }, (_, signer) => [
  reading(signer),
  ...[1, 2, 3, 4].map((position) => transaction(signer, position)),
]).flat();

items("are one list, however they are named", () => {
  const list = itemListOf([transaction(9), reading(0), reading(3), reading(0)]);
  assert.equal(itemsOf(list), [reading(0), reading(3), transaction(9)]);
  assert.equal(itemListOf([reading(3), transaction(9), reading(0)]), list);
  assert.equal([...encodeItemList(list)], [0x82, 0x83, 0, 1, 0x41, 0b1001, 0x83, 1, 1, 0x42, 0, 0b10]);
});

items("of all that 200 members and the GridAdmin may have waiting fit a list within its bound", () => {
  const list = itemListOf(all);
  assert.is(itemsOf(list).length, all.length);
  const encoded = encodeItemList(list);
  assert.ok(encoded.length <= 1 + 5 * 31, `${encoded.length} bytes`);
  assert.equal(decodeItemList(encoded), { kind: "accept", value: list });
});

items("beyond what has a place are left out", () => {
  const far = [transaction(0, 0), transaction(0, MAX_ITEM_POSITION + 1), reading(208)];
  assert.equal(itemListOf(far), NO_ITEMS);
  const many = Array.from({ length: 2 }, (_, kind) =>
    Array.from(
      { length: MAX_ITEM_POSITION },
      (_, at): Item => ({ ...(kind === 0 ? reading(207) : transaction(207)), position: at + 1 }),
    ),
  ).flat();
  assert.is(itemListOf(many).length, MAX_ITEM_GROUPS);
  assert.ok(encodeItemList(itemListOf(many)).length <= MAX_ITEM_LIST_BYTES);
});

const BAD: readonly (readonly [string, Cbor])[] = [
  ["no list", 7],
  ["a group of nobody's", [[0, 1, new Uint8Array()]]],
  ["an empty last byte", [[0, 1, Uint8Array.of(1, 0)]]],
  ["an unknown kind", [[2, 1, Uint8Array.of(1)]]],
  ["position 0", [[0, 0, Uint8Array.of(1)]]],
  ["a position beyond the last", [[0, MAX_ITEM_POSITION + 1, Uint8Array.of(1)]]],
  [
    "groups out of order",
    [
      [1, 1, Uint8Array.of(1)],
      [0, 1, Uint8Array.of(1)],
    ],
  ],
  [
    "a group twice",
    [
      [0, 1, Uint8Array.of(1)],
      [0, 1, Uint8Array.of(2)],
    ],
  ],
  ["more signers than a microgrid has", [[0, 1, new Uint8Array(27).fill(1)]]],
];
for (const [what, cbor] of BAD)
  items(`with ${what} are refused`, () => {
    const verdict = decodeItemList(encode(cbor));
    assert.is(verdict.kind === "reject" && verdict.code, "BAD_SHAPE");
  });

items("have a digest that tells them apart", () => {
  const digests = [
    NO_ITEMS,
    itemListOf([reading(1)]),
    itemListOf([reading(2)]),
    itemListOf([transaction(1)]),
  ].map(itemListHash);
  assert.is(new Set(digests).size, digests.length);
});

items("count once for each list that names them", () => {
  const lists = [[reading(1), transaction(1)], [reading(1)], [reading(1), transaction(2)], []].map(
    itemListOf,
  );
  assert.equal(itemsNamedBy(lists, 3), [reading(1)]);
  assert.equal(itemsNamedBy(lists, 4), []);
  assert.equal(itemsNamedBy(lists, 1), [reading(1), transaction(1), transaction(2)]);
});

items("are found in a list by signer, kind and position", () => {
  const list = itemListOf([reading(1), transaction(2, 3)]);
  assert.ok(namesAny(list, [reading(7), transaction(2, 3)]));
  assert.not.ok(namesAny(list, [reading(2), transaction(2, 2), transaction(1, 3)]));
  assert.not.ok(namesAny(list, []));
});

items("are owed only when an honest voter that is there holds them, for 1 to 200 voters", () => {
  for (let voters = 1; voters <= 200; voters += 1) {
    const [f, q] = [maxFaulty(voters), quorum(voters)];
    assert.ok(namedThreshold(voters) > f, `${voters}: one that names is honest`);
    // Whoever is left when a quorum of honest voters is there are too few to make anything owed that none of it holds.
    assert.ok(heldThreshold(voters) > voters - q, `${voters}: one that holds is in every quorum`);
    if (voters > 1) assert.ok(heldThreshold(voters) >= 2, `${voters}: never one alone`);
    // What every honest voter holds and names is owed, whatever the liars among the q say.
    assert.ok(namedThreshold(voters) <= q - f, `${voters}: what all honest name is owed`);
    if (voters > 3)
      assert.ok(heldThreshold(voters) <= q - f || f === 0, `${voters}: what all honest hold is owed`);
  }
});

items.run();
