/** The genesis as a file from anywhere: read only when every part of it holds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode, encode } from "../../../../../agent/core/codec.ts";
import { CONTRACTS } from "../../../../../agent/core/membership/contracts.ts";
import type { EnrolmentBody } from "../../../../../agent/core/membership/enrolment.ts";
import {
  chainIdOf,
  encodeGenesis,
  type Genesis,
  type GenesisBody,
  MAX_GENESIS_BYTES,
  readGenesis,
} from "../../../../../agent/core/membership/genesis.ts";
import { publicKeyOf } from "../../../../../agent/core/signature.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import { testEnrolment, testGenesis, verify } from "../../../../support/chainBuilder.ts";
import { secretKeyOf } from "../../../../support/memoryStreet.ts";
import { signPolicy, testPolicy } from "../../../../support/testPolicy.ts";

const members = [
  testEnrolment("dep1"),
  testEnrolment("dep2", ["grid", "generation"]),
  testEnrolment("dep3", ["consumption"]),
];
const good = testGenesis(members);
const encoded = encodeGenesis(good);

const codeOf = (bytes: Uint8Array) => {
  const read = readGenesis(bytes, verify);
  return read.kind === "accept" ? "accept" : read.code;
};
const codeWith = (changes: Partial<GenesisBody>) => codeOf(encodeGenesis(testGenesis(members, changes)));
const codeWithSecond = (name: string, changes: Partial<EnrolmentBody>) =>
  codeOf(encodeGenesis(testGenesis([testEnrolment("dep1"), testEnrolment(name, undefined, changes)])));

const genesis = suite("genesis");

genesis("comes back from its bytes as it was", () => {
  assert.equal(readGenesis(encoded, verify), { kind: "accept", value: good });
});

genesis("has another chain id with any field changed", () => {
  const others: readonly Partial<GenesisBody>[] = [
    { microgridId: "other-street" },
    { gridAdminKey: members[0]?.body.publicKey ?? new Uint8Array() },
    { regulatorKey: members[0]?.body.publicKey ?? new Uint8Array() },
    { contracts: [["balancing", 2]] },
    { policies: [signPolicy(testPolicy(1_000))] },
    { policies: [signPolicy(testPolicy(1_000), "dep1")] },
    { seed: new Uint8Array(32) },
    { intervalMs: 5_000 },
    { timeLapse: 2 },
    { firstInterval: intervalIndex(7) },
    { mode: "grid-tied" },
    { termMax: 95 },
    { members: members.slice(1) },
    { members: [...members].reverse() },
  ];
  const ids = new Set([good.body, ...others.map((other) => ({ ...good.body, ...other }))].map(chainIdOf));
  assert.is(ids.size, others.length + 1);
});

genesis("keeps its chain id whatever its signature", () => {
  const other: Genesis = { ...good, signature: new Uint8Array(64) };
  assert.is(chainIdOf(other.body), chainIdOf(good.body));
  assert.is(codeOf(encodeGenesis(other)), "BAD_SIGNATURE");
});

const BOUNDS: readonly (readonly [Partial<GenesisBody>, string])[] = [
  [{ intervalMs: 999 }, "BAD_SHAPE"],
  [{ intervalMs: 1_000 }, "accept"],
  [{ intervalMs: 86_400_000 }, "accept"],
  [{ intervalMs: 86_400_001 }, "BAD_SHAPE"],
  [{ timeLapse: 0 }, "BAD_SHAPE"],
  [{ timeLapse: 86_401 }, "BAD_SHAPE"],
  [{ firstInterval: intervalIndex(1_000_000_000_000) }, "BAD_SHAPE"],
  [{ termMax: 0 }, "BAD_SHAPE"],
  [{ termMax: 1 }, "accept"],
  [{ seed: new Uint8Array(31) }, "BAD_SHAPE"],
  [{ gridAdminKey: new Uint8Array(32) }, "BAD_SHAPE"],
  [{ gridAdminKey: new Uint8Array(33) }, "BAD_SIGNATURE"],
  [{ regulatorKey: new Uint8Array(32) }, "BAD_SHAPE"],
  [{ contracts: [...CONTRACTS].reverse() }, "accept"],
  [{ contracts: [...CONTRACTS, ["haggling", 1]] }, "GENESIS_CONTRACT_UNKNOWN"],
  [{ contracts: [...CONTRACTS.slice(1), ["balancing", 2]] }, "GENESIS_CONTRACT_UNKNOWN"],
  [{ contracts: CONTRACTS.slice(1) }, "GENESIS_CONTRACT_MISSING"],
  [{ policies: [signPolicy(testPolicy(1_000))] }, "accept"],
  [{ policies: [signPolicy(testPolicy(1_000), "grid-admin")] }, "POLICY_BAD_SIGNATURE"],
  [{ policies: [signPolicy(testPolicy(1_000, { microgridId: "other" }))] }, "POLICY_OTHER_MICROGRID"],
  [{ policies: [signPolicy(testPolicy(1_000, { prices: [] }))] }, "POLICY_PRICES"],
  [{ policies: [signPolicy(testPolicy(1_000, { version: 2 }))] }, "POLICY_VERSION"],
  [
    { policies: [signPolicy(testPolicy(1_000)), signPolicy(testPolicy(1_999, { version: 2 }))] },
    "POLICY_OVERLAPS",
  ],
  [{ policies: [signPolicy(testPolicy(1_000)), signPolicy(testPolicy(2_000, { version: 2 }))] }, "accept"],
  [{ mode: "afloat" as "islanded" }, "BAD_SHAPE"],
  [{ members: [] }, "GENESIS_EMPTY"],
  [{ microgridId: "Test" }, "GENESIS_MICROGRID"],
  [{ microgridId: "" }, "GENESIS_MICROGRID"],
  [{ microgridId: "other-street" }, "ENROLMENT_MICROGRID"],
];

for (const [changes, code] of BOUNDS) {
  const [[field, value] = ["", ""]] = Object.entries(changes);
  genesis(`with ${field} ${String(value).slice(0, 12)} is judged ${code}`, () =>
    assert.is(codeWith(changes), code),
  );
}

genesis("is refused with more than 200 members", () => {
  const crowd = Array<(typeof members)[number]>(201).fill(testEnrolment("dep1"));
  assert.is(codeWith({ members: crowd }), "BAD_SHAPE");
  assert.is(codeWith({ members: crowd.slice(1) }), "GENESIS_DUPLICATE");
});

genesis(
  "is refused when two members share a name, a peer id, a key or a meter, or one member enrols twice",
  () => {
    const shared = testEnrolment("dep1").body;
    assert.is(codeWithSecond("dep2", {}), "accept");
    assert.is(codeWithSecond("dep2", { name: "dep1" }), "GENESIS_DUPLICATE");
    assert.is(codeWithSecond("dep2", { peerId: shared.peerId }), "GENESIS_DUPLICATE");
    assert.is(codeWithSecond("dep2", { meters: shared.meters }), "GENESIS_DUPLICATE");
    assert.is(codeWithSecond("dep2", { recordsKey: shared.recordsKey }), "GENESIS_DUPLICATE");
    assert.is(codeWithSecond("dep1", { name: "dep2", peerId: "p", meters: [] }), "GENESIS_DUPLICATE");
  },
);

genesis("is refused when GridAdmin or Regulator is a member", () => {
  for (const office of ["gridAdminKey", "regulatorKey"] as const)
    assert.is(codeWith({ [office]: publicKeyOf(secretKeyOf("dep1")) }), "GENESIS_DUPLICATE", office);
});

genesis("is refused when one gateway names a meter twice", () => {
  const [first, second] = testEnrolment("dep1").body.meters;
  assert.ok(first !== undefined && second !== undefined);
  const meters = [first, { ...second, serial: first.serial }];
  assert.is(
    codeOf(encodeGenesis(testGenesis([testEnrolment("dep1", undefined, { meters })]))),
    "GENESIS_DUPLICATE",
  );
});

genesis("names the member whose enrolment does not hold", () => {
  const [first, second] = members;
  assert.ok(first !== undefined && second !== undefined);
  const forged = { ...second, signature: first.signature };
  const read = readGenesis(encodeGenesis(testGenesis([first, forged])), verify);
  assert.equal(read, { kind: "reject", code: "BAD_SIGNATURE", detail: "dep2" });
  assert.is(codeWithSecond("dep2", { meters: [] }), "ENROLMENT_ROLES");
  assert.is(
    codeWithSecond("dep2", { meters: [{ serial: "x", role: "generation", fuel: null }] }),
    "ENROLMENT_FUEL",
  );
});

genesis("is refused when a member signed it in place of the GridAdmin", () => {
  const byMember = { ...good, signature: members[0]?.signature ?? new Uint8Array(64) };
  assert.equal(readGenesis(encodeGenesis(byMember), verify), {
    kind: "reject",
    code: "BAD_SIGNATURE",
    detail: "grid-admin",
  });
});

genesis("is refused when it is longer than a megabyte, and when it is none at all", () => {
  assert.is(codeOf(new Uint8Array(MAX_GENESIS_BYTES + 1)), "MESSAGE_TOO_LONG");
  assert.is(codeOf(new Uint8Array()), "NOT_CBOR");
  assert.is(codeOf(encode([])), "BAD_SHAPE");
  assert.is(codeOf(encode(null)), "BAD_SHAPE");
});

genesis("of another version is refused", () => {
  const decoded = decode(encoded, (value) => value as [unknown[], Uint8Array], MAX_GENESIS_BYTES);
  assert.ok(decoded.kind === "accept");
  const [[, ...fields], signature] = decoded.value;
  assert.is(codeOf(encode([[1, ...(fields as [])], signature])), "GENESIS_VERSION");
  assert.is(codeOf(encode([[3, ...(fields as [])], signature])), "GENESIS_VERSION");
  assert.is(codeOf(encode([[2, ...(fields.slice(1) as [])], signature])), "BAD_SHAPE");
  assert.is(codeOf(encode([[2, ...(fields as [])], signature])), "accept");
});

genesis("is refused with any single bit of it flipped", () => {
  for (let bit = 0; bit < encoded.length * 8; bit += 1) {
    const altered = Uint8Array.from(encoded);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.is.not(codeOf(altered), "accept", `bit ${bit}`);
  }
});

genesis("is refused when it is cut off anywhere, or has a byte too many", () => {
  for (let length = 0; length < encoded.length; length += 1)
    assert.is.not(codeOf(encoded.subarray(0, length)), "accept", `${length} bytes`);
  assert.is.not(codeOf(Uint8Array.of(...encoded, 0)), "accept");
});

genesis.run();
