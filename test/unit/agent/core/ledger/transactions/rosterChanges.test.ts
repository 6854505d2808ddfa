/** Members that come, go, get another key or lose their vote, on a chain: from the transaction to the certificate. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { verifyNext } from "../../../../../../agent/core/ledger/chain/chain.ts";
import { contextAt, contextOfNext, genesisState } from "../../../../../../agent/core/ledger/state/context.ts";
import { encodeState, readState } from "../../../../../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type TransactionSigner,
  transactionSignBytes,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { ABSENT_CERTIFICATES } from "../../../../../../agent/core/ledger/transactions/absences.ts";
import { applyTransactions } from "../../../../../../agent/core/ledger/transactions/applyTransactions.ts";
import { judgeTransaction } from "../../../../../../agent/core/ledger/transactions/judgeTransaction.ts";
import { memberIdOf } from "../../../../../../agent/core/membership/address.ts";
import { enrolledMember } from "../../../../../../agent/core/membership/enrolment.ts";
import { NO_DELTA, type RosterChange } from "../../../../../../agent/core/membership/rosterDelta.ts";
import { publicKeyOf, signMessage } from "../../../../../../agent/core/signature.ts";
import { height } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  memberNamed,
  signTransaction,
  testContext,
  testEnrolment,
} from "../../../../../support/chainBuilder.ts";
import { secretKeyOf } from "../../../../../support/memoryStreet.ts";

const test = suite("roster changes");

const context = testContext(4);
const five = testContext(5);
const id = (name: string) => memberNamed(five, name).id;
const newcomer = testEnrolment("dep5");
const admit: RosterChange = { kind: "admit", enrolment: newcomer, isVoter: true };

function chainWith(change: RosterChange, signer: TransactionSigner = GRID_ADMIN): ChainBuilder {
  const chain = new ChainBuilder(context);
  chain.settle([{}]);
  const signed = signTransaction(context, { signer, sequence: 1, content: { kind: "roster", change } });
  chain.append(chain.assembleOf([[]], 0, [signed]));
  return chain;
}

const votersAt = (chain: ChainBuilder, at: number) =>
  contextAt(context, chain.state, height(at)).voters.voters.map((voter) => voter.id);

test("a newcomer takes part and votes from two heights after the block that admits it, everywhere alike", () => {
  const chain = chainWith(admit);
  const fifth = enrolledMember(newcomer.body);
  assert.equal(chain.state.pendingChange, { change: admit, activeAt: height(4) });
  assert.equal(
    [2, 3, 4].map((at) => votersAt(chain, at).includes(fifth)),
    [false, false, true],
  );
  chain.settle([{}]);
  assert.is(chain.state.members.has(fifth), false);
  chain.settle([{ dep5: [300, 100], dep1: [0, 200] }]);
  assert.is(chain.state.pendingChange, null);
  assert.is(chain.state.members.get(fifth)?.totals.sold, 200n);
  assert.is(votersAt(chain, 4).length, 5);
  chain.settle([{}]);
  let state = genesisState(context);
  for (const entry of chain.entries) {
    const verified = verifyNext(context, state, entry);
    if (verified.kind !== "accept") return assert.unreachable(`${entry.height}: ${verified.code}`);
    state = verified.value.state;
    // A restart reads the state from disk: who votes must not hang on what is in memory.
    const read = readState(encodeState(state));
    if (read.kind !== "accept") return assert.unreachable(read.code);
    state = read.value;
  }
  assert.equal(encodeState(state), encodeState(chain.state));
});

test("who is revoked is settled up to the height before, and neither votes nor is listed from then on", () => {
  const gone = id("dep4");
  const chain = chainWith({ kind: "revoke", member: gone });
  chain.settle([{ dep4: [50, 0], dep1: [0, 50] }]);
  assert.is(chain.state.members.get(gone)?.totals.sold, 50n);
  chain.settle([{}]);
  assert.equal(
    [3, 4].map((at) => votersAt(chain, at).includes(gone)),
    [false, false],
  );
  const missing = chain.blocks.at(-1)?.block.body.intervals[0]?.outcome.missing.map(({ member }) => member);
  assert.is(missing?.includes(gone), false);
  assert.is(chain.state.members.get(gone)?.totals.sold, 50n, "its account stays");
});

test("a household with a new key keeps what was settled, and the old key never comes back", () => {
  const chain = chainWith({ kind: "rekey", member: id("dep4"), enrolment: newcomer });
  chain.settle([{ dep4: [50, 0], dep1: [0, 50] }]);
  chain.settle([{}]);
  const successor = enrolledMember(newcomer.body);
  assert.is(chain.state.members.get(successor)?.totals.sold, 50n);
  assert.is(chain.state.members.has(id("dep4")), false);
  assert.equal(chain.state.roster.removed, [id("dep4")]);
  const again = testEnrolment("dep4");
  const { settled } = applyTransactions(contextOfNext(context, chain.state), chain.state, [
    signTransaction(context, {
      signer: GRID_ADMIN,
      sequence: 2,
      content: { kind: "roster", change: { kind: "admit", enrolment: again, isVoter: true } },
    }),
  ]);
  assert.is(settled[0]?.refusal, "ROSTER_KEY_REUSED");
});

/** What an asked-for change is refused with on a street of five after some blocks. */
function refusalOf(change: RosterChange, signer: TransactionSigner, absent = 0): string | null {
  const state = { ...genesisState(five), height: height(9), absences: new Map([[id("dep5"), absent]]) };
  const signed = signTransaction(five, { signer, sequence: 1, content: { kind: "roster", change } });
  return applyTransactions(five, state, [signed]).settled[0]?.refusal ?? null;
}

test("only the GridAdmin admits, revokes and rekeys", () => {
  for (const change of [
    { kind: "admit", enrolment: testEnrolment("dep6"), isVoter: true },
    { kind: "revoke", member: id("dep4") },
    { kind: "rekey", member: id("dep4"), enrolment: testEnrolment("dep6") },
  ] as const) {
    assert.is(refusalOf(change, GRID_ADMIN), null, change.kind);
    assert.is(refusalOf(change, id("dep1")), "ROSTER_NOT_ENTITLED", change.kind);
  }
});

test("a voter is suspended by another one once it was absent long enough, never by the GridAdmin", () => {
  const change: RosterChange = { kind: "suspend", member: id("dep5") };
  assert.is(refusalOf(change, id("dep1"), ABSENT_CERTIFICATES - 1), "ROSTER_NOT_ABSENT");
  assert.is(refusalOf(change, id("dep1"), ABSENT_CERTIFICATES), null);
  assert.is(refusalOf(change, GRID_ADMIN, ABSENT_CERTIFICATES), "ROSTER_NOT_ENTITLED");
});

test("no suspension leaves fewer than four voters", () => {
  const state = { ...genesisState(context), absences: new Map([[id("dep4"), ABSENT_CERTIFICATES]]) };
  const content = { kind: "roster", change: { kind: "suspend", member: id("dep4") } } as const;
  const signed = signTransaction(context, { signer: id("dep1"), sequence: 1, content });
  assert.is(applyTransactions(context, state, [signed]).settled[0]?.refusal, "ROSTER_TOO_FEW_VOTERS");
});

test("who was suspended comes back by itself; a guest needs the GridAdmin", () => {
  const back: RosterChange = { kind: "reinstate", member: id("dep5") };
  const rows = [
    [{ suspended: [id("dep5")], guests: [] }, id("dep5"), null],
    [{ suspended: [id("dep5")], guests: [] }, id("dep1"), "ROSTER_NOT_ENTITLED"],
    [{ suspended: [], guests: [id("dep5")] }, id("dep5"), "ROSTER_NOT_ENTITLED"],
    [{ suspended: [], guests: [id("dep5")] }, GRID_ADMIN, null],
    [{ suspended: [], guests: [] }, GRID_ADMIN, "ROSTER_IS_VOTER"],
  ] as const;
  for (const [lists, signer, code] of rows) {
    const state = { ...genesisState(five), roster: { ...NO_DELTA, ...lists } };
    const signed = signTransaction(five, {
      signer,
      sequence: 1,
      content: { kind: "roster", change: back },
    });
    const here = contextAt(five, state, height(1));
    assert.is(applyTransactions(here, state, [signed]).settled[0]?.refusal ?? null, code);
  }
});

test("whoever signs a transaction that a block takes is not absent, whatever certificates say", () => {
  const chain = new ChainBuilder(context);
  for (let blocks = 0; blocks < 3; blocks += 1) chain.settle([{}]);
  const [absent] = chain.state.absences.keys();
  const signed = signTransaction(context, { signer: absent!, sequence: 1, content: { kind: "present" } });
  chain.append(chain.assembleOf([[]], 0, [signed]));
  assert.equal(chain.state.absences, new Map());
});

test("one change at a time is on its way; of two in one block the second has no effect", () => {
  const signed = [1, 2].map((sequence) =>
    signTransaction(context, {
      signer: GRID_ADMIN,
      sequence,
      content: { kind: "roster", change: sequence === 1 ? admit : { kind: "revoke", member: id("dep4") } },
    }),
  );
  const { settled, state } = applyTransactions(context, genesisState(context), signed);
  assert.equal(
    settled.map(({ refusal }) => refusal),
    [null, "ROSTER_IN_FLIGHT"],
  );
  assert.is(state.pendingChange?.change.kind, "admit");
});

test("a newcomer with a name, key, peer or meter that is taken, or of another microgrid, is refused", () => {
  const rows = [
    [testEnrolment("dep6", undefined, { name: "dep1" }), "ROSTER_DUPLICATE"],
    [testEnrolment("dep6", undefined, { peerId: "peer-dep1" }), "ROSTER_DUPLICATE"],
    [
      testEnrolment("dep6", ["grid"], { meters: [{ serial: "dep1-1", role: "grid", fuel: null }] }),
      "ROSTER_DUPLICATE",
    ],
    [testEnrolment("dep1"), "ROSTER_DUPLICATE"],
    [testEnrolment("dep6", undefined, { microgridId: "elsewhere" }), "ENROLMENT_MICROGRID"],
    [{ ...testEnrolment("dep6"), signature: new Uint8Array(64) }, "BAD_SIGNATURE"],
  ] as const;
  for (const [enrolment, code] of rows)
    assert.is(refusalOf({ kind: "admit", enrolment, isVoter: true }, GRID_ADMIN), code);
});

test("counts the certificates on end that a voter has no part in, as blocks embed them", () => {
  const chain = new ChainBuilder(context);
  for (let blocks = 0; blocks < 4; blocks += 1) chain.settle([{}]);
  const voters = context.voters.voters.map((voter) => voter.id);
  assert.equal([...chain.state.absences], [[voters.at(-1), 3]]);
});

test("neither GridAdmin nor Regulator becomes a member, and the Regulator signs no transaction", () => {
  for (const office of ["grid-admin", "regulator"]) {
    const enrolment = testEnrolment(office, undefined, { name: "dep9" });
    const chain = chainWith({ kind: "admit", enrolment, isVoter: false });
    assert.is(chain.blocks.at(-1)?.block.body.transactions[0]?.refusal, "ROSTER_DUPLICATE", office);
  }
  const transaction = { signer: id("dep1"), sequence: 1, content: { kind: "present" } } as const;
  const forged = {
    transaction,
    signature: signMessage(
      secretKeyOf("regulator"),
      transactionSignBytes(transaction, context.roster.chainId, 0),
    ),
  };
  const state = genesisState(context);
  const judged = judgeTransaction(context, state, forged);
  assert.is(judged.kind === "accept" ? "accept" : judged.code, "BAD_SIGNATURE");
  const regulator = memberIdOf(publicKeyOf(secretKeyOf("regulator")));
  const stranger = judgeTransaction(context, state, {
    ...forged,
    transaction: { ...transaction, signer: regulator },
  });
  assert.is(stranger.kind === "accept" ? "accept" : stranger.code, "TRANSACTION_STRANGER");
});

test.run();
