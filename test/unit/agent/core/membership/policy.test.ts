/** Policies by themselves: one encoding, two signatures, and what each must hold. @source docs/market.md, "Policy" */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeVerifier } from "../../../../../agent/adapters/signer/nodeVerifier.ts";
import { decode, encode } from "../../../../../agent/core/codec.ts";
import { judgePolicyForm, judgePolicyPlace } from "../../../../../agent/core/membership/judgePolicy.ts";
import {
  cborSignedPolicy,
  MAX_PRICE_STEPS,
  type Policy,
  policyHash,
  signedPolicy,
} from "../../../../../agent/core/membership/policy.ts";
import { publicKeyOf } from "../../../../../agent/core/signature.ts";
import { intervalIndex, microCoins, pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";
import { secretKeyOf } from "../../../../support/memoryStreet.ts";
import { signPolicy, testPolicy, testStep } from "../../../../support/testPolicy.ts";

const { verify } = nodeVerifier();
const street = { microgridId: "test-street", regulatorKey: publicKeyOf(secretKeyOf("regulator")) };
const [A, B] = [testMember(0), testMember(1)].sort() as [
  ReturnType<typeof testMember>,
  ReturnType<typeof testMember>,
];
const FROM = 1_000;
const full = testPolicy(FROM, {
  feedInLimit: wh(9_000n),
  creditLimits: [
    [A, microCoins(5n)],
    [B, microCoins(0n)],
  ],
  connectionRatings: [[A, 4_000]],
});
const at = intervalIndex;
const codeOf = (changes: Partial<Policy>, key = "regulator") => {
  const judged = judgePolicyForm(signPolicy(testPolicy(FROM, changes), key), street, verify);
  return judged.kind === "accept" ? "accept" : `${judged.code} ${judged.detail ?? ""}`.trim();
};

const policies = suite("policy");

policies("comes back from its bytes as it was", () => {
  const signed = signPolicy(full);
  const read = decode(encode(cborSignedPolicy(signed)), signedPolicy, 100_000);
  assert.equal(read, { kind: "accept", value: signed });
});

policies("has another hash with another value of any field", () => {
  const changes: readonly Partial<Policy>[] = [
    { microgridId: "other" },
    { version: 2 },
    { from: at(FROM - 1) },
    { to: at(FROM + 7) },
    { pricing: "auction" },
    { prices: [testStep(FROM, { trade: 200_001n })] },
    { prices: [testStep(FROM, { supplierSells: 300_001n })] },
    { prices: [testStep(FROM, { supplierBuys: 80_001n })] },
    { prices: [testStep(FROM), testStep(FROM + 1)] },
    { floor: pricePerKwh(1n) },
    { cap: pricePerKwh(999_999n) },
    { feedInLimit: null },
    { creditLimit: microCoins(1n) },
    { creditLimits: [[A, microCoins(5n)]] },
    { fee: pricePerKwh(0n) },
    { supplierFuel: "hydro" },
    { mixTarget: [] },
    { carbon: { ...full.carbon, grams: [] } },
    { carbon: { ...full.carbon, rate: pricePerKwh(1n) } },
    { connectionRatings: [[B, 4_000]] },
  ];
  const hashes = changes.map((change) => policyHash({ ...full, ...change }));
  assert.is(new Set([...hashes, policyHash(full)]).size, changes.length + 1);
});

policies("is refused with the code of what it lacks", () => {
  const rows: readonly (readonly [Partial<Policy>, string])[] = [
    [{}, "accept"],
    [full, "accept"],
    [{ microgridId: "other-street" }, "POLICY_OTHER_MICROGRID other-street"],
    [{ to: at(FROM) }, "POLICY_RANGE from and to"],
    [{ floor: pricePerKwh(400_001n) }, "POLICY_RANGE floor and cap"],
    [
      {
        creditLimits: [
          [B, microCoins(1n)],
          [A, microCoins(1n)],
        ],
      },
      "POLICY_RANGE creditLimits",
    ],
    [
      {
        creditLimits: [
          [A, microCoins(1n)],
          [A, microCoins(1n)],
        ],
      },
      "POLICY_RANGE creditLimits",
    ],
    [
      {
        connectionRatings: [
          [B, 1],
          [A, 1],
        ],
      },
      "POLICY_RANGE connectionRatings",
    ],
    [
      {
        mixTarget: [
          ["solar", 600],
          ["wind", 401],
        ],
      },
      "POLICY_RANGE mixTarget",
    ],
    [
      {
        mixTarget: [
          ["wind", 1],
          ["solar", 1],
        ],
      },
      "POLICY_RANGE mixTarget",
    ],
    [{ carbon: { grams: [["solar", 1]], rate: pricePerKwh(1n) } }, "POLICY_RANGE carbon"],
    [
      {
        carbon: {
          grams: [
            ["grid-mix", 1],
            ["diesel", 1],
          ],
          rate: pricePerKwh(1n),
        },
      },
      "POLICY_RANGE carbon",
    ],
    [{ prices: [] }, "POLICY_PRICES the first step is not at from"],
    [{ prices: [testStep(FROM + 1)] }, "POLICY_PRICES the first step is not at from"],
    [{ prices: [testStep(FROM), testStep(FROM)] }, `POLICY_PRICES step at ${FROM}`],
    [{ prices: [testStep(FROM), testStep(FROM + 1_000)] }, `POLICY_PRICES step at ${FROM + 1_000}`],
    [
      { prices: [testStep(FROM, { trade: 49_999n })] },
      `POLICY_PRICES trade price at ${FROM} outside floor and cap`,
    ],
    [
      { prices: [testStep(FROM, { trade: 400_001n })] },
      `POLICY_PRICES trade price at ${FROM} outside floor and cap`,
    ],
  ];
  for (const [changes, code] of rows) assert.is(codeOf(changes), code);
});

policies("is refused with the GridAdmin's signature in place of the Regulator's", () => {
  assert.is(codeOf({}, "grid-admin"), "POLICY_BAD_SIGNATURE");
  const { signature } = signPolicy(testPolicy(FROM));
  const other = { policy: testPolicy(FROM, { fee: pricePerKwh(1n) }), signature };
  assert.is(judgePolicyForm(other, street, verify).kind, "reject");
});

policies("follows the newest version, wherever its intervals lie, and overlaps none", () => {
  const first = signPolicy(testPolicy(FROM, { to: at(FROM + 10) }));
  const place = (changes: Partial<Policy>, before = [first]) => {
    const judged = judgePolicyPlace(signPolicy(testPolicy(FROM + 10, { version: 2, ...changes })), before);
    return judged.kind === "accept" ? "accept" : judged.code;
  };
  assert.is(place({}), "accept");
  assert.is(place({ version: 1 }), "POLICY_VERSION");
  assert.is(place({ version: 3 }), "POLICY_VERSION");
  assert.is(place({ version: 1 }, []), "accept");
  assert.is(place({ from: at(FROM + 9) }), "POLICY_OVERLAPS");
  assert.is(place({ from: at(FROM - 5), to: at(FROM) }), "accept");
  assert.is(place({ from: at(FROM - 5), to: at(FROM + 1) }), "POLICY_OVERLAPS");
});

policies("holds 4,096 steps, and not one more", () => {
  const steps = (count: number) => Array.from({ length: count }, (_, index) => testStep(FROM + index));
  const read = (count: number) => {
    const signed = signPolicy(testPolicy(FROM, { to: at(FROM + 9_999), prices: steps(count) }));
    return decode(encode(cborSignedPolicy(signed)), signedPolicy, 1_000_000).kind;
  };
  assert.is(read(MAX_PRICE_STEPS), "accept");
  assert.is(read(MAX_PRICE_STEPS + 1), "reject");
});

policies.run();
