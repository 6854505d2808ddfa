/** Signing each vote once: stored, refused or durable before it is given out. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Message, UnsignedMessage } from "../../../../../agent/core/consensus/message.ts";
import type { LedgerContext } from "../../../../../agent/core/ledger/state/context.ts";
import { height } from "../../../../../agent/core/units.ts";
import type { VoteJournal } from "../../../../../agent/ports/voteJournal.ts";
import type { ServiceError } from "../../../../../agent/services/base/serviceError.ts";
import { ownVotes } from "../../../../../agent/services/voting/ownVotes.ts";
import { CHAIN_ID, EPOCH, fakePublicKey, fakeSignature } from "../../../../support/consensusNodes.ts";
import { ownCommit, ownPrepare, ownRoundChange } from "../../../../support/journalVotes.ts";
import { memoryVoteJournal } from "../../../../support/memoryVoteJournal.ts";

const test = suite("signing own votes");

const unsigned = ({ signature: _signature, ...vote }: Message): UnsignedMessage => vote as UnsignedMessage;

/** Own votes of v1 with every step written down. */
function voting(wrap: (journal: VoteJournal) => VoteJournal = (journal) => journal) {
  const steps: string[] = [];
  const failures: ServiceError[] = [];
  const journal = memoryVoteJournal();
  const context = { voters: { chainId: CHAIN_ID, epoch: EPOCH } } as unknown as LedgerContext;
  const votes = ownVotes({
    context,
    signer: {
      publicKey: fakePublicKey("v1"),
      sign: async (message) => {
        steps.push("sign");
        return fakeSignature(fakePublicKey("v1"), message);
      },
    },
    journal: wrap({
      ...journal,
      append: async (vote, electors) => {
        steps.push("write");
        await journal.append(vote, electors);
        steps.push("durable");
      },
    }),
    electorsAt: () => [],
    onFailed: (error) => failures.push(error),
  });
  return { votes, steps, failures };
}

test("gives a vote out only when it is durable, with what it rests on", async () => {
  const { votes, steps, failures } = voting();
  const { message, basis } = ownCommit(1, 0);
  const signed = await votes.once(unsigned(message), basis);
  assert.equal(steps, ["sign", "write", "durable"]);
  assert.equal(signed, message);
  assert.equal(votes.at(height(1)), [{ message, basis }]);
  assert.equal(votes.at(height(2)), []);
  assert.equal(failures, []);
});

test("S1: answers the same vote with the stored one, without signing or writing", async () => {
  const { votes, steps } = voting();
  const first = await votes.once(unsigned(ownPrepare(1, 0).message), null);
  steps.length = 0;
  assert.is(await votes.once(unsigned(ownPrepare(1, 0).message), null), first);
  assert.equal(steps, []);
});

test("S1: refuses another vote for the same place with a code, and never signs it", async () => {
  const { votes, steps, failures } = voting();
  await votes.once(unsigned(ownPrepare(1, 0).message), null);
  steps.length = 0;
  assert.is(await votes.once(unsigned(ownPrepare(1, 0, "b").message), null), null);
  assert.equal(steps, []);
  assert.equal(
    failures.map(({ code, detail }) => [code, detail.rule]),
    [["VOTE_REFUSED", "VOTE_CONTRADICTS"]],
  );
});

test("S2, S4: refuses a vote of a round that was left, and a COMMIT without proof", async () => {
  const { votes, failures } = voting();
  await votes.once(unsigned(ownRoundChange(1, 2).message), null);
  assert.is(await votes.once(unsigned(ownPrepare(1, 1).message), null), null);
  assert.is(await votes.once(unsigned(ownCommit(1, 2).message), null), null);
  assert.equal(
    failures.map(({ detail }) => detail.rule),
    ["VOTE_ROUND_LEFT", "VOTE_UNPROVEN"],
  );
});

test("gives nothing out that could not be made durable", async () => {
  const { votes, failures } = voting((journal) => ({
    ...journal,
    append: () => Promise.reject(new Error("the disk is gone")),
  }));
  assert.is(await votes.once(unsigned(ownPrepare(1, 0).message), null), null);
  assert.equal(
    failures.map(({ code }) => code),
    ["VOTE_NOT_DURABLE"],
  );
});

test("tells a vote of its key that it has not signed", async () => {
  const { votes } = voting();
  const own = await votes.once(unsigned(ownPrepare(1, 0).message), null);
  assert.is(own !== null && votes.isForeign(own), false);
  assert.is(votes.isForeign(ownPrepare(1, 0, "b").message), true);
});

test.run();
