/** Acknowledgements on the ledger: whose, of which order, how often, until when, and what the block says of them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  GRID_ADMIN,
  type TransactionContent,
  type TransactionSigner,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { intervalIndex, wh } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testContext,
} from "../../../../../support/chainBuilder.ts";

const test = suite("acknowledgement");

const context = testContext(4);
const id = (name: string) => memberNamed(context, name).id;
const SHORT = { dep1: [0, 60], dep2: [20, 0], dep3: [0, 0], dep4: [0, 0] } as const;
const OBEYED = { ...SHORT, dep1: [0, 20] } as const;

type Acknowledgement = Extract<TransactionContent, { kind: "acknowledge" }>;

/** The order of the first interval: dep1, in the third, at most 20 Wh. */
const RIGHT: Acknowledgement = {
  kind: "acknowledge",
  interval: intervalIndex(FIRST_INTERVAL + 2),
  order: "consumption",
  max: wh(20n),
};

test("of the own order is kept with it, and stands in the block that settles its interval", () => {
  const chain = acknowledged([[id("dep1"), RIGHT]]);
  assert.equal(refusalsOf(chain), [null]);
  assert.equal(
    chain.state.orders.map(({ member, interval, acknowledged: isKept }) => [member, interval, isKept]),
    [
      [id("dep1"), FIRST_INTERVAL + 2, true],
      [id("dep1"), FIRST_INTERVAL + 3, false],
    ],
  );
  chain.settle([OBEYED]);
  assert.equal(chain.blocks[2]?.block.body.intervals[0]?.compliance, [
    {
      member: id("dep1"),
      kind: "consumption",
      max: 20n,
      measured: 20n,
      acknowledged: true,
      result: "complied",
    },
  ]);
  assert.ok(
    chain.state.orders.every((order) => !order.acknowledged),
    "the next order is another one",
  );
});

const REFUSED: readonly (readonly [string, TransactionSigner, Partial<Acknowledgement>])[] = [
  ["of another member's order", id("dep2"), {}],
  ["by the GridAdmin", GRID_ADMIN, {}],
  ["of an interval without an order", id("dep1"), { interval: intervalIndex(FIRST_INTERVAL + 4) }],
  [
    "of an order that is settled in the same block",
    id("dep1"),
    { interval: intervalIndex(FIRST_INTERVAL + 1) },
  ],
  ["of another kind of order", id("dep1"), { order: "generation" }],
  ["of another limit", id("dep1"), { max: wh(21n) }],
];

for (const [name, signer, change] of REFUSED) {
  test(`${name} has no effect: ACKNOWLEDGE_NO_ORDER`, () => {
    const chain = acknowledged([[signer, { ...RIGHT, ...change }]]);
    assert.equal(refusalsOf(chain), ["ACKNOWLEDGE_NO_ORDER"]);
    assert.ok(chain.state.orders.every((order) => !order.acknowledged));
  });
}

test("a second time has no effect: ACKNOWLEDGE_TWICE", () => {
  const chain = acknowledged([
    [id("dep1"), RIGHT],
    [id("dep1"), RIGHT],
  ]);
  assert.equal(refusalsOf(chain), [null, "ACKNOWLEDGE_TWICE"]);
});

test("once the interval is settled has no effect: ACKNOWLEDGE_NO_ORDER", () => {
  const chain = acknowledged([]);
  chain.append(
    chain.assembleOf([chain.readings(chain.state.nextInterval, OBEYED)], 0, [sign(id("dep1"), RIGHT, 1)]),
  );
  assert.equal(refusalsOf(chain), ["ACKNOWLEDGE_NO_ORDER"]);
});

test.run();

/** A street short of energy for two intervals; the second block holds the acknowledgements. */
function acknowledged(said: readonly (readonly [TransactionSigner, Acknowledgement])[]): ChainBuilder {
  const chain = new ChainBuilder(context);
  chain.settle([SHORT]);
  const signed = said.map(([signer, content], index) => sign(signer, content, index + 1));
  chain.append(chain.assembleOf([chain.readings(chain.state.nextInterval, SHORT)], 0, signed));
  return chain;
}

function sign(signer: TransactionSigner, content: Acknowledgement, sequence: number) {
  return signTransaction(context, { signer, sequence, content });
}

function refusalsOf(chain: ChainBuilder): readonly (string | null)[] {
  return chain.blocks.at(-1)?.block.body.transactions.map(({ refusal }) => refusal) ?? [];
}
