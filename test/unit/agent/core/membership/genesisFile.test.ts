/** The genesis file of any epoch, from anywhere: read only when each epoch follows from the one before. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ZERO_HASH } from "../../../../../agent/core/hash.ts";
import { enrolledMember } from "../../../../../agent/core/membership/enrolment.ts";
import {
  baseHeight,
  baseOf,
  epochAt,
  epochOf,
  firstEpoch,
  MAX_EPOCHS,
  type RecoveryBody,
} from "../../../../../agent/core/membership/epoch.ts";
import { encodeGenesis } from "../../../../../agent/core/membership/genesis.ts";
import {
  encodeGenesisFile,
  epochsOf,
  type GenesisFile,
  openGenesisFile,
} from "../../../../../agent/core/membership/genesisFile.ts";
import { rosterOf } from "../../../../../agent/core/membership/roster.ts";
import { NO_DELTA } from "../../../../../agent/core/membership/rosterDelta.ts";
import { height, round } from "../../../../../agent/core/units.ts";
import { testEnrolment, testGenesis, verify } from "../../../../support/chainBuilder.ts";
import { signRecovery } from "../../../../support/recoveryCases.ts";

const members = ["dep1", "dep2", "dep3"].map((name) => testEnrolment(name));
const genesis = testGenesis(members);
const first = firstEpoch(genesis.body);
const lost = members.map(({ body }) => enrolledMember(body)).sort()[1]!;
const hash = "ab".repeat(32) as typeof ZERO_HASH;

const recoveryOf = (changes: Partial<RecoveryBody> = {}): RecoveryBody => ({
  epoch: 1,
  previous: first.chainId,
  head: { height: height(7), hash, stateRoot: hash },
  prepared: null,
  roster: { ...NO_DELTA, removed: [lost] },
  reporters: [],
  lost: [lost],
  isProven: true,
  ...changes,
});
const fileWith = (...recoveries: readonly RecoveryBody[]): GenesisFile => ({
  genesis,
  recoveries: recoveries.map((recovery) => signRecovery(recovery)),
  adopted: null,
});
const codeOf = (file: GenesisFile) => {
  const read = openGenesisFile(encodeGenesisFile(file), verify);
  return read.kind === "accept" ? "accept" : read.code;
};
const adopted = { certificate: Uint8Array.of(1), block: Uint8Array.of(2) };

const test = suite("genesis file");

test("of a street that was never recovered is the genesis itself", () => {
  const bytes = encodeGenesis(genesis);
  assert.equal(openGenesisFile(bytes, verify), { kind: "accept", value: fileWith() });
  assert.equal(encodeGenesisFile(fileWith()), bytes);
});

test("comes back from its bytes as it was, with the block that it adopts", () => {
  const prepared = { round: round(3), hash };
  const file = { ...fileWith(recoveryOf({ prepared })), adopted };
  assert.equal(openGenesisFile(encodeGenesisFile(file), verify), { kind: "accept", value: file });
});

test("of a second recovery holds the first one, without the block that it adopted", () => {
  const one = recoveryOf({ prepared: { round: round(0), hash } });
  const two = recoveryOf({
    epoch: 2,
    previous: epochOf(one).chainId,
    head: { ...one.head, height: height(20) },
  });
  const file = fileWith(one, two);
  assert.equal(openGenesisFile(encodeGenesisFile(file), verify), { kind: "accept", value: file });
  assert.equal(
    epochsOf(file).map((epoch) => [epoch.number, Number(baseHeight(epoch))]),
    [
      [0, 0],
      [1, 8],
      [2, 20],
    ],
  );
});

const refused: readonly (readonly [string, string, () => GenesisFile])[] = [
  [
    "signed by another key",
    "BAD_SIGNATURE",
    () => ({ ...fileWith(), recoveries: [signRecovery(recoveryOf(), "dep1")] }),
  ],
  ["of another street or epoch before", "RECOVERY_EPOCH", () => fileWith(recoveryOf({ previous: hash }))],
  ["that leaves an epoch out", "RECOVERY_EPOCH", () => fileWith(recoveryOf({ epoch: 2 }))],
  [
    "that goes back before the one before",
    "RECOVERY_BACKWARDS",
    () => {
      const one = recoveryOf();
      const head = { ...one.head, height: height(6) };
      return fileWith(one, recoveryOf({ epoch: 2, previous: epochOf(one).chainId, head }));
    },
  ],
  [
    "that leaves no voter",
    "RECOVERY_NO_VOTER",
    () =>
      fileWith(
        recoveryOf({ roster: { ...NO_DELTA, guests: members.map(({ body }) => enrolledMember(body)) } }),
      ),
  ],
  [
    "that names a block and brings none",
    "RECOVERY_BLOCK_MISSING",
    () => fileWith(recoveryOf({ prepared: { round: round(0), hash } })),
  ],
  [
    "that brings a block and names none",
    "RECOVERY_BLOCK_MISSING",
    () => ({ ...fileWith(recoveryOf()), adopted }),
  ],
  ["that names a member twice", "BAD_SHAPE", () => fileWith(recoveryOf({ lost: [lost, lost] }))],
];
for (const [what, code, file] of refused)
  test(`refuses a recovery ${what}`, () => {
    assert.is(codeOf(file()), code);
  });

test("refuses a recovery with any part changed after it was signed", () => {
  const signed = signRecovery(recoveryOf());
  const others: readonly Partial<RecoveryBody>[] = [
    { head: { height: height(8), hash, stateRoot: hash } },
    { head: { height: height(7), hash: ZERO_HASH, stateRoot: hash } },
    { roster: NO_DELTA },
    { reporters: [lost] },
    { lost: [] },
    { isProven: false },
  ];
  for (const other of others) {
    const recovery = { ...signed.recovery, ...other };
    assert.is(codeOf({ genesis, recoveries: [{ ...signed, recovery }], adopted: null }), "BAD_SIGNATURE");
    assert.is.not(epochOf(recovery).chainId, epochOf(signed.recovery).chainId);
  }
});

test("refuses more epochs than there may be, without reading on", () => {
  let bytes = encodeGenesis(genesis);
  const recoveries = [];
  let before = first;
  for (let number = 1; number < MAX_EPOCHS; number += 1) {
    const recovery = recoveryOf({ epoch: number, previous: before.chainId });
    before = epochOf(recovery);
    recoveries.push(signRecovery(recovery));
  }
  bytes = encodeGenesisFile({ genesis, recoveries, adopted: null });
  assert.is(openGenesisFile(bytes, verify).kind, "accept");
  const again = encodeGenesisFile({ genesis, recoveries: [...recoveries, recoveries[0]!], adopted: null });
  const read = openGenesisFile(again, verify);
  assert.is(read.kind === "reject" && read.code, "RECOVERY_EPOCH");
});

test("the epoch of a height is the last one that goes on from below it", () => {
  const epochs = epochsOf(fileWith(recoveryOf({ prepared: { round: round(0), hash } })));
  const numbers = [0, 1, 7, 8, 9, 100].map((at) => epochAt(epochs, height(at)).number);
  assert.equal(numbers, [0, 0, 0, 0, 1, 1]);
  assert.equal(baseOf(recoveryOf()), { height: 7, hash });
});

test("who is declared lost is no member of the new epoch, and its signatures are bound to it", () => {
  const recovery = recoveryOf();
  const roster = rosterOf(genesis.body, recovery.roster, epochOf(recovery));
  assert.is(roster.members.length, 2);
  assert.is(roster.epoch, 1);
  assert.is.not(roster.chainId, first.chainId);
});

test.run();
