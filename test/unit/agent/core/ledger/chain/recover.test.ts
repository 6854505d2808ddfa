/** From reports to the next epoch: which reports count, what is adopted, and that a chain verifies across the border. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NO_ITEMS } from "../../../../../../agent/core/consensus/item.ts";
import { type Commit, signBytesOf } from "../../../../../../agent/core/consensus/message.ts";
import { verifyMessage } from "../../../../../../agent/core/consensus/verifyMessage.ts";
import { verifyNext } from "../../../../../../agent/core/ledger/chain/chain.ts";
import { type JudgedReport, judgeReport } from "../../../../../../agent/core/ledger/chain/judgeReport.ts";
import { planRecovery, type RecoveryPlan } from "../../../../../../agent/core/ledger/chain/recover.ts";
import {
  encodeReport,
  readReport,
  type SignedReport,
} from "../../../../../../agent/core/ledger/chain/recoveryReport.ts";
import {
  chainContext,
  contextAt,
  contextOfNext,
  genesisState,
  type LedgerContext,
} from "../../../../../../agent/core/ledger/state/context.ts";
import { GRID_ADMIN } from "../../../../../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../../../../../agent/core/membership/address.ts";
import type { RecoveryBody } from "../../../../../../agent/core/membership/epoch.ts";
import type { GenesisFile } from "../../../../../../agent/core/membership/genesisFile.ts";
import { judgeReading } from "../../../../../../agent/core/metering/validate.ts";
import { signMessage } from "../../../../../../agent/core/signature.ts";
import { height, round } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  measured,
  memberNamed,
  signTransaction,
  testContext,
  testEnrolment,
  testGenesis,
  testReading,
  verify,
} from "../../../../../support/chainBuilder.ts";
import { secretKeyOf } from "../../../../../support/memoryStreet.ts";
import { preparedOf, reportBy, reportedChain, signRecovery } from "../../../../../support/recoveryCases.ts";

const DID = { dep1: [500, 100], dep2: [0, 300], dep3: [0, 50], dep4: [0, 0] } as const;
const genesis = testGenesis(["dep1", "dep2", "dep3", "dep4"].map((name) => testEnrolment(name)));
const context = testContext(4);
const idOf = (name: string): MemberId => memberNamed(context, name).id;

/** Two blocks, and a third that was assembled and not decided. */
function chainOfTwo(): ChainBuilder {
  const chain = new ChainBuilder(context);
  chain.settle([DID]);
  chain.settle([DID]);
  return chain;
}

const chain = chainOfTwo();
const third = chain.assemble([DID]);
const otherThird = chain.assemble([{}], 1);

const codeOf = (signed: SignedReport, judge = chain) => {
  const judged = judgeReport(reportedChain(judge), signed);
  return judged.kind === "accept" ? "accept" : judged.code;
};
function judged(signed: SignedReport): JudgedReport {
  const verdict = judgeReport(reportedChain(chain), signed);
  if (verdict.kind !== "accept") throw new Error(`${verdict.code} ${verdict.detail}`);
  return verdict.value;
}
function planned(reports: readonly SignedReport[], lost: readonly string[] = []): RecoveryPlan {
  const plan = planRecovery(reportedChain(chain), reports.map(judged), lost.map(idOf));
  if (plan.kind !== "accept") throw new Error(`${plan.code} ${plan.detail}`);
  return plan.value;
}
const refusalOf = (reports: readonly SignedReport[], lost: readonly string[] = []) => {
  const plan = planRecovery(reportedChain(chain), reports.map(judged), lost.map(idOf));
  return plan.kind === "accept" ? "accept" : plan.code;
};
function fileOf({ recovery, adopted }: RecoveryPlan): GenesisFile {
  return { genesis, recoveries: [signRecovery(recovery)], adopted };
}

const report = suite("recovery report");

report("comes back from its bytes as it was", () => {
  const signed = reportBy(chain, "dep1", { prepared: preparedOf(context, third) });
  assert.equal(readReport(encodeReport(signed)), { kind: "accept", value: signed });
});

report("counts from a voter that is level with the chain, or behind it", () => {
  assert.is(codeOf(reportBy(chain, "dep1")), "accept");
  const behind = { height: height(1), hash: chain.entries[0]!.blockHash };
  assert.is(codeOf(reportBy(chain, "dep2", { head: behind })), "accept");
});

const stranger = new ChainBuilder(testContext(5));
const few = [idOf("dep1"), idOf("dep2")];
const refusals: readonly (readonly [string, string, () => SignedReport])[] = [
  ["signed by another key", "BAD_SIGNATURE", () => reportBy(chain, "dep1", {}, "dep2")],
  [
    "with another head than it was signed with",
    "BAD_SIGNATURE",
    () => ({
      ...reportBy(chain, "dep1"),
      report: reportBy(chain, "dep1", { head: { height: height(1), hash: chain.entries[0]!.blockHash } })
        .report,
    }),
  ],
  [
    "that calls itself sound after it was signed",
    "BAD_SIGNATURE",
    () => ({ ...reportBy(chain, "dep1", { isSound: false }), report: reportBy(chain, "dep1").report }),
  ],
  [
    "of a stranger",
    "REPORT_NOT_VOTER",
    () => reportBy(chain, "dep1", { member: memberNamed(stranger.context, "dep5").id }, "dep5"),
  ],
  ["of another epoch", "REPORT_OTHER_EPOCH", () => reportBy(chain, "dep1", { epoch: 1 })],
  ["of another street", "REPORT_OTHER_EPOCH", () => reportBy(chain, "dep1", { chainId: third.state.head })],
  [
    "further on than the blocks at hand",
    "REPORT_AHEAD",
    () => reportBy(chain, "dep1", { head: { height: height(3), hash: third.state.head } }),
  ],
  [
    "of another chain",
    "REPORT_OTHER_CHAIN",
    () => reportBy(chain, "dep1", { head: { height: height(2), hash: third.state.head } }),
  ],
  [
    "whose block too few have prepared",
    "TOO_FEW_VOTERS",
    () => reportBy(chain, "dep1", { prepared: preparedOf(context, third, 0, few) }),
  ],
  [
    "whose block is another than was prepared",
    "REPORT_PREPARED_OTHER",
    () =>
      reportBy(chain, "dep1", {
        prepared: { ...preparedOf(context, third), block: preparedOf(context, otherThird).block },
      }),
  ],
  [
    "whose block does not follow",
    "BLOCK_WRONG_HEIGHT",
    () =>
      reportBy(chain, "dep1", {
        prepared: { ...preparedOf(context, third), block: chain.entries[1]!.block },
      }),
  ],
  [
    "with a block two heights on",
    "REPORT_AHEAD",
    () => reportBy(chain, "dep1", { prepared: { ...preparedOf(context, third), height: height(4) } }),
  ],
];
for (const [what, code, signed] of refusals)
  report(`is refused ${what}`, () => {
    assert.is(codeOf(signed()), code);
  });

report("names a block that the chain has by now without harm", () => {
  const behind = { height: height(1), hash: chain.entries[0]!.blockHash };
  const old = { ...preparedOf(context, chain.blocks[1]!), certificate: Uint8Array.of(0) };
  assert.is(judged(reportBy(chain, "dep1", { head: behind, prepared: old })).prepared, null);
});

report.run();

const plan = suite("recovery plan");

plan("three of four sound reports prove it; with one declared lost two others do, and one does not", () => {
  const all = ["dep1", "dep2", "dep3"].map((name) => reportBy(chain, name));
  assert.is(planned(all).recovery.isProven, true);
  assert.is(planned(all.slice(1)).recovery.isProven, false);
  assert.is(planned(all.slice(1), ["dep1"]).recovery.isProven, true);
  const short = planned(all.slice(2), ["dep1"]);
  assert.is(short.recovery.isProven, false);
  assert.is(short.count.missing, 1);
});

plan("a gateway that may have forgotten votes is no report, though what it proves is taken over", () => {
  const prepared = preparedOf(context, third);
  const amnesiac = reportBy(chain, "dep3", { isSound: false, prepared });
  const { recovery, count, adopted } = planned([reportBy(chain, "dep1"), reportBy(chain, "dep2"), amnesiac]);
  assert.is(count.sound, 2);
  assert.is(recovery.isProven, false);
  assert.equal(recovery.reporters, [idOf("dep1"), idOf("dep2")].sort());
  assert.is(recovery.prepared?.hash, third.state.head);
  assert.equal(adopted?.block, prepared.block);
});

plan("of two prepared blocks the one of the higher round is adopted, whoever names it first", () => {
  const low = reportBy(chain, "dep1", { prepared: preparedOf(context, third, 0) });
  const high = reportBy(chain, "dep2", { prepared: preparedOf(context, otherThird, 2) });
  for (const reports of [
    [low, high],
    [high, low],
  ]) {
    assert.equal(planned(reports).recovery.prepared, { round: round(2), hash: otherThird.state.head });
  }
});

plan("names head, state and who is left", () => {
  const { recovery } = planned([reportBy(chain, "dep1"), reportBy(chain, "dep2")], ["dep4"]);
  assert.is(recovery.head.hash, chain.state.head);
  assert.is(recovery.head.stateRoot, chain.blocks[1]!.block.header.stateRoot);
  assert.equal(recovery.roster.removed, [idOf("dep4")]);
  const names = chainContext(fileOf(planned([], ["dep4"])), verify).roster.members.map(({ name }) => name);
  assert.equal([...names].sort(), ["dep1", "dep2", "dep3"]);
});

const refusedPlans: readonly (readonly [string, string, readonly SignedReport[], readonly string[]])[] = [
  [
    "two reports of one voter",
    "RECOVERY_TWO_REPORTS",
    [reportBy(chain, "dep1"), reportBy(chain, "dep1", { isSound: false })],
    [],
  ],
  ["a report of a voter that is declared lost", "RECOVERY_LOST_REPORTS", [reportBy(chain, "dep1")], ["dep1"]],
  [
    "a voter that is declared lost twice",
    "RECOVERY_LOST_UNKNOWN",
    [reportBy(chain, "dep1")],
    ["dep2", "dep2"],
  ],
  ["everybody declared lost", "RECOVERY_NO_VOTER", [], ["dep1", "dep2", "dep3", "dep4"]],
];
for (const [what, code, reports, lost] of refusedPlans)
  plan(`is refused with ${what}`, () => {
    assert.is(refusalOf(reports, lost), code);
  });

plan("more declared lost than may lie are no liars but silent, and too few are left to prove it", () => {
  const { recovery, count } = planned([reportBy(chain, "dep1"), reportBy(chain, "dep2")], ["dep3", "dep4"]);
  assert.is(count.missing, 1);
  assert.is(recovery.isProven, false);
});

plan.run();

/** The chain of two, and what follows in the next epoch. */
function goneOn(recovered: RecoveryPlan, blocks = 2): { context: LedgerContext; chain: ChainBuilder } {
  const next = chainContext(fileOf(recovered), verify);
  const after = new ChainBuilder(next);
  for (const entry of chain.entries) {
    const verified = verifyNext(next, after.state, entry);
    if (verified.kind !== "accept") throw new Error(verified.code);
    after.entries.push(entry);
    after.state = verified.value.state;
  }
  if (recovered.adopted !== null) {
    const entry = { height: height(3), blockHash: recovered.recovery.prepared!.hash, ...recovered.adopted };
    const verified = verifyNext(next, after.state, entry);
    if (verified.kind !== "accept") throw new Error(`${verified.code} ${verified.detail}`);
    after.entries.push(entry);
    after.state = verified.value.state;
  }
  after.headCertificate = null;
  for (let count = 0; count < blocks; count += 1) after.settle([{}]);
  return { context: next, chain: after };
}

function codesAlong(next: LedgerContext, entries: ChainBuilder["entries"]): readonly string[] {
  let state = genesisState(next);
  return entries.map((entry) => {
    const verified = verifyNext(next, state, entry);
    if (verified.kind === "accept") state = verified.value.state;
    return verified.kind === "accept" ? "accept" : `${verified.code} ${verified.detail ?? ""}`.trim();
  });
}

const border = suite("chain across epochs");
const reports = [reportBy(chain, "dep1"), reportBy(chain, "dep2")];

border("verifies from the genesis on, each block under its own epoch", () => {
  const { context: next, chain: after } = goneOn(planned(reports, ["dep4"]));
  assert.equal(codesAlong(next, after.entries), ["accept", "accept", "accept", "accept"]);
  assert.equal(
    after.blocks.map(({ block }) => block.header.epoch),
    [1, 1],
  );
  assert.is(after.blocks[0]?.block.body.parentCertificate, null);
  assert.is.not(after.blocks[1]?.block.body.parentCertificate, null);
});

border("takes over a prepared block unchanged, on the PREPAREs of a quorum", () => {
  const prepared = preparedOf(context, third, 1);
  const recovered = planned([...reports.slice(1), reportBy(chain, "dep1", { prepared })], ["dep4"]);
  const { context: next, chain: after } = goneOn(recovered);
  assert.equal(codesAlong(next, after.entries), ["accept", "accept", "accept", "accept", "accept"]);
  assert.is(after.entries[2]?.blockHash, third.state.head);
  assert.equal(
    codesAlong(context, after.entries.slice(0, 3)).at(-1)?.split(" ")[0],
    "BAD_SIGNATURE",
    "not without the recovery",
  );
  const forged = preparedOf(context, third, 1);
  const altered = after.entries.with(2, {
    ...after.entries[2]!,
    certificate: forged.certificate.fill(7, -64),
  });
  assert.is(codesAlong(next, altered)[2]?.split(" ")[0], "BAD_SIGNATURE");
});

border("takes the same block with its COMMITs, too", () => {
  const prepared = preparedOf(context, third);
  const recovered = planned([...reports.slice(1), reportBy(chain, "dep1", { prepared })], ["dep4"]);
  const decided = chainOfTwo();
  decided.append(third);
  assert.equal(codesAlong(chainContext(fileOf(recovered), verify), decided.entries), [
    "accept",
    "accept",
    "accept",
  ]);
});

const others: readonly (readonly [string, (recovery: RecoveryBody) => RecoveryBody, string])[] = [
  [
    "head",
    ({ head, ...rest }) => ({ ...rest, head: { ...head, hash: third.state.head } }),
    "RECOVERED_OTHERWISE height 2: head",
  ],
  [
    "state",
    ({ head, ...rest }) => ({ ...rest, head: { ...head, stateRoot: third.state.head } }),
    "RECOVERED_OTHERWISE height 2: state",
  ],
  [
    "roster",
    ({ roster, ...rest }) => ({ ...rest, roster: { ...roster, guests: [idOf("dep1")] } }),
    "RECOVERED_OTHERWISE height 2: roster",
  ],
];
for (const [what, change, code] of others)
  border(`is refused where the recovery names another ${what}`, () => {
    const { recovery } = planned(reports, ["dep4"]);
    const next = chainContext(fileOf({ ...planned(reports), recovery: change(recovery) }), verify);
    assert.equal(codesAlong(next, chain.entries), ["accept", code]);
  });

border("refuses blocks of the old epoch above where it ended, and of the new one before", () => {
  const recovered = planned(reports, ["dep4"]);
  const decided = chainOfTwo();
  decided.append(third);
  const next = chainContext(fileOf(recovered), verify);
  assert.is(codesAlong(next, decided.entries)[2], "BLOCK_WRONG_CHAIN");
  const { chain: after } = goneOn(recovered);
  assert.is(codesAlong(context, after.entries)[2], "BLOCK_WRONG_CHAIN");
});

border("a vote of one epoch is none in the other, nor under another recovery of the same number", () => {
  const proven = goneOn(planned(reports, ["dep4"]));
  const forced = goneOn(planned(reports.slice(1), ["dep4"]));
  const at = height(3);
  const contexts = [
    contextAt(context, chain.state, at).voters,
    contextOfNext(proven.context, chain.state).voters,
    contextOfNext(forced.context, chain.state).voters,
  ];
  const codes = contexts.map((signedIn) => {
    const vote = {
      kind: "commit",
      height: at,
      round: round(0),
      blockHash: third.state.head,
      held: NO_ITEMS,
      voter: idOf("dep1"),
    } as const;
    const signature = signMessage(secretKeyOf("dep1"), signBytesOf(vote, signedIn.chainId, signedIn.epoch));
    const message: Commit = { ...vote, signature };
    return contexts.map((readIn) => {
      const verdict = verifyMessage(message, readIn);
      return verdict.kind === "accept" ? "accept" : verdict.code;
    });
  });
  assert.equal(codes, [
    ["accept", "BAD_SIGNATURE", "BAD_SIGNATURE"],
    ["BAD_SIGNATURE", "accept", "BAD_SIGNATURE"],
    ["BAD_SIGNATURE", "BAD_SIGNATURE", "accept"],
  ]);
});

border("nor is a reading", () => {
  const { context: next } = goneOn(planned(reports, ["dep4"]));
  const old = testReading(context, "dep1", measured([1, 1]));
  const verdict = judgeReading(old, contextOfNext(next, chain.state).roster, next.genesis, verify);
  assert.is(verdict.kind === "reject" && verdict.code, "BAD_SIGNATURE");
});

border("a change of the roster that is on its way is made where the new epoch begins", () => {
  const pending = chainOfTwo();
  const revoke = { kind: "roster", change: { kind: "revoke", member: idOf("dep3") } } as const;
  const transaction = signTransaction(context, { signer: GRID_ADMIN, sequence: 1, content: revoke });
  pending.append(pending.assembleOf([pending.readings(pending.state.nextInterval, DID)], 0, [transaction]));
  assert.is.not(pending.state.pendingChange, null);
  const signed = ["dep1", "dep2"].map((name) => reportBy(pending, name));
  const accepted = signed.flatMap((one) => {
    const verdict = judgeReport(reportedChain(pending), one);
    return verdict.kind === "accept" ? [verdict.value] : [];
  });
  const recovered = planRecovery(reportedChain(pending), accepted, [idOf("dep4")]);
  if (recovered.kind !== "accept") throw new Error(recovered.code);
  const next = chainContext(fileOf(recovered.value), verify);
  assert.equal(codesAlong(next, pending.entries).at(-1), "accept");
  const after = new ChainBuilder(next);
  after.state = pending.state;
  after.settle([{}]);
  assert.is(after.state.pendingChange, null);
  assert.equal(after.state.roster.removed, [idOf("dep3"), idOf("dep4")].sort());
  assert.equal(
    contextOfNext(next, after.state)
      .roster.members.map(({ name }) => name)
      .sort(),
    ["dep1", "dep2"],
  );
});

border.run();
