import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pair, type Wish } from "../../../../../agent/core/market/pairing.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import type { Fuel } from "../../../../../agent/core/membership/enrolment.ts";
import { type Wh, wh } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const D = testMember(3);

/** A has wind in the north, B sun in the south; each sells 5 to C and D, which buy 6 and 4. */
const SOLD = amounts([
  [A, 5n],
  [B, 5n],
]);
const BOUGHT = amounts([
  [C, 6n],
  [D, 4n],
]);
const ORIGINS = new Map([
  [A, { area: "north", fuels: new Set<Fuel>(["wind"]) }],
  [B, { area: "south", fuels: new Set<Fuel>(["solar", "battery"]) }],
]);

const pairing = suite("pairing");

pairing("walks along both sides when nobody has a wish", () => {
  assert.equal(pair(SOLD, BOUGHT), [trade(A, C, 5n), trade(B, C, 1n), trade(B, D, 4n)]);
});

const WISHES: readonly { name: string; wishes: readonly (readonly [MemberId, Wish])[]; is: unknown }[] = [
  {
    name: "gives a buyer the fuel it wishes first, as far as it goes",
    wishes: [[C, { area: null, fuel: "solar" }]],
    is: [trade(B, C, 5n), trade(A, C, 1n), trade(A, D, 4n)],
  },
  {
    name: "gives a buyer its own area first",
    wishes: [[D, { area: "north", fuel: null }]],
    is: [trade(A, D, 4n), trade(A, C, 1n), trade(B, C, 5n)],
  },
  {
    name: "lets whoever comes first in the tie order have what two wish for",
    wishes: [
      [D, { area: "south", fuel: null }],
      [C, { area: "south", fuel: null }],
    ],
    is: [trade(B, C, 5n), trade(A, C, 1n), trade(A, D, 4n)],
  },
  {
    name: "asks for area and fuel together where both are wished",
    wishes: [[C, { area: "north", fuel: "solar" }]],
    is: [trade(A, C, 5n), trade(B, C, 1n), trade(B, D, 4n)],
  },
  {
    name: "does nothing for a wish that nobody meets, and for none",
    wishes: [
      [C, { area: "west", fuel: null }],
      [D, { area: null, fuel: null }],
    ],
    is: [trade(A, C, 5n), trade(B, C, 1n), trade(B, D, 4n)],
  },
];

for (const { name, wishes, is } of WISHES) {
  pairing(name, () => {
    assert.equal(pair(SOLD, BOUGHT, { wishes: new Map(wishes), origins: ORIGINS }), is);
  });
}

pairing("takes no wish as met by a seller of unknown origin", () => {
  const wishes = new Map([[D, { area: "north", fuel: null }]]);
  assert.equal(pair(SOLD, BOUGHT, { wishes, origins: new Map() }), pair(SOLD, BOUGHT));
});

pairing("leaves out who sells or buys nothing", () => {
  const sold = amounts([
    [A, 0n],
    [B, 2n],
  ]);
  const bought = amounts([
    [C, 0n],
    [D, 2n],
  ]);
  assert.equal(pair(sold, bought), [trade(B, D, 2n)]);
});

pairing.run();

function trade(from: MemberId, to: MemberId, amount: bigint) {
  return { from, to, wh: amount };
}

function amounts(entries: readonly (readonly [MemberId, bigint])[]): ReadonlyMap<MemberId, Wh> {
  return new Map(entries.map(([member, amount]) => [member, wh(amount)]));
}
