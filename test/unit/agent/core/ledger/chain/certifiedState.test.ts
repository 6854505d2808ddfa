import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCommitCertificate } from "../../../../../../agent/core/consensus/certificateCodec.ts";
import { judgeLink, proveState } from "../../../../../../agent/core/ledger/chain/certifiedState.ts";
import type { ChainEntry } from "../../../../../../agent/core/ledger/chain/chain.ts";
import { encodeState } from "../../../../../../agent/core/ledger/state/state.ts";
import { height, wh } from "../../../../../../agent/core/units.ts";
import { ChainBuilder, testContext } from "../../../../../support/chainBuilder.ts";
import { commitCertificate, quorumOf } from "../../../../../support/testCertificates.ts";

const context = testContext(4);
const chain = new ChainBuilder(context);
const states: Uint8Array[] = [];
for (let at = 1; at <= 3; at += 1) {
  chain.settle([{ dep1: [500, 100], dep2: [0, 300] }]);
  states.push(encodeState(chain.state));
}
const [first, second, third] = chain.entries as [ChainEntry, ChainEntry, ChainEntry];
const place = ({ height: at, blockHash }: ChainEntry) => ({ height: at, head: blockHash });

const link = suite("a link");

link("holds from a block to the next, and from one whose parent is not known", () => {
  assert.equal(judgeLink(context, place(second), third), { kind: "accept", value: place(third) });
  assert.is(judgeLink(context, null, third).kind, "accept");
});

const linkRefusals: readonly (readonly [string, ChainEntry | null, ChainEntry, string])[] = [
  ["another height than it stands under", second, { ...third, height: height(4) }, "BLOCK_WRONG_HEIGHT"],
  ["a parent that is not the one before", first, third, "BLOCK_WRONG_HEIGHT"],
  ["another hash than its own", second, { ...third, blockHash: second.blockHash }, "BLOCK_WRONG_HASH"],
  ["one bit changed in its header", second, { ...third, block: third.block.with(60, 9) }, "BLOCK_WRONG_HASH"],
  ["nothing", second, { ...third, block: new Uint8Array() }, "NOT_CBOR"],
];
for (const [what, parent, entry, code] of linkRefusals) {
  link(`is refused over ${what}: ${code}`, () => {
    const judged = judgeLink(context, parent === null ? null : place(parent), entry);
    assert.is(judged.kind === "accept" ? "accept" : judged.code, code);
  });
}

link("is refused on another parent of the right height, and in another microgrid", () => {
  const other = judgeLink(context, { height: second.height, head: first.blockHash }, third);
  assert.is(other.kind === "accept" ? "accept" : other.code, "BLOCK_WRONG_PARENT");
  const elsewhere = judgeLink(testContext(4, { seed: new Uint8Array(32) }), place(second), third);
  assert.is(elsewhere.kind === "accept" ? "accept" : elsewhere.code, "BLOCK_WRONG_CHAIN");
});

const proof = suite("a certified state");
const codeOf = (entry: ChainEntry, state: Uint8Array) => {
  const proven = proveState(context, entry, state);
  return proven.kind === "accept" ? "accept" : proven.code;
};

proof("is what its block's header and a quorum say", () => {
  for (const [index, entry] of chain.entries.entries()) {
    const proven = proveState(context, entry, states[index] ?? new Uint8Array());
    if (proven.kind !== "accept") return assert.unreachable(proven.code);
    assert.equal(encodeState(proven.value), states[index]);
  }
});

proof("is refused when it is of another block, altered, cut short or nothing", () => {
  const state = chain.state;
  const [id, member] = [...state.members][0]!;
  const richer = { ...member, totals: { ...member.totals, sold: wh(member.totals.sold + 1n) } };
  const altered = { ...state, members: new Map([...state.members, [id, richer]]) };
  for (const wrong of [
    states[1]!,
    encodeState(altered),
    encodeState({ ...state, head: second.blockHash }),
    states[2]!.subarray(0, -1),
    new Uint8Array(),
  ])
    assert.is(codeOf(third, wrong), "STATE_DIFFERS");
  assert.is(codeOf(third, states[2]!), "accept");
});

proof("is refused under a certificate of another block, of too few, or altered", () => {
  const { voters } = context.voters;
  const certified = (certificate: Parameters<typeof encodeCommitCertificate>[0]) => ({
    ...third,
    certificate: encodeCommitCertificate(certificate, voters),
  });
  const few = quorumOf(context).slice(1);
  const tooFew = commitCertificate(context, third.height, third.blockHash, { signers: few });
  assert.is(codeOf(certified(tooFew), states[2]!), "TOO_FEW_VOTERS");
  const other = commitCertificate(context, third.height, second.blockHash);
  assert.is(codeOf(certified(other), states[2]!), "PARENT_CERTIFICATE_OTHER");
  const flipped = { ...third, certificate: third.certificate.with(-1, (third.certificate.at(-1) ?? 0) ^ 1) };
  assert.is(codeOf(flipped, states[2]!), "BAD_SIGNATURE");
});

link.run();
proof.run();
