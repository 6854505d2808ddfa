/**
 * Taking up a height again after a restart, from the votes that this gateway kept.
 *
 * The instance is silent at first: whoever resumes it gives it the kept messages again, each as if it had just been
 * signed, and only then begins. What was sent is never signed anew; what was not is still allowed.
 *
 * @source docs/protocol.md, "Own votes"
 */
import type { Hash } from "../hash.ts";
import { type Round, round as roundOf } from "../units.ts";
import { dsoOf } from "./candidates.ts";
import { startInstance } from "./instance.ts";
import type { CurrentProposal, InstanceConfig, InstanceState } from "./instanceState.ts";
import { NO_HOLDING } from "./item.ts";
import { type PreparedCertificate, senderOf } from "./message.ts";
import { highestRound, type OwnVote } from "./ownVote.ts";

/**
 * S1: what was sent in the round counts as sent. S2: the round is the highest one voted in. S4: the last prepared
 * certificate and its body are there again, for every ROUND_CHANGE to come.
 *
 * @param config fixed facts of the height; S5: only with the height below committed durably
 * @param votes own votes, as kept; those of other heights and voters are passed over
 * @returns the instance in the round it had reached; without votes the same as `startInstance`
 */
export function resumeInstance(config: InstanceConfig, votes: readonly OwnVote[]): InstanceState {
  const mine = votes.filter(
    ({ message }) => message.height === config.height && senderOf(message) === config.self,
  );
  const round = roundOf(highestRound(mine));
  const inRound = mine.filter(({ message }) => message.round === round);
  const kinds = inRound.map(({ message }) => message.kind);
  return {
    ...startInstance(config),
    round,
    sentInRound: new Set(kinds.filter((kind) => kind !== "round-change")),
    proposal: preparedProposal(config, round, inRound),
    ownBlock: ownFreshBlock(inRound),
    prepared: lastPrepared(mine),
    bodies: bodiesOf(mine),
  };
}

/** The block that was prepared in this round: no other is followed in it, and a COMMIT for it is still open. */
function preparedProposal(
  config: InstanceConfig,
  round: Round,
  inRound: readonly OwnVote[],
): CurrentProposal | null {
  for (const { message } of inRound) {
    if (message.kind !== "prepare") continue;
    const { blockHash } = message;
    const proposer = dsoOf(config.candidates, round);
    return {
      blockHash,
      proposer,
      isFresh: true,
      justification: null,
      judgement: "valid",
      holding: NO_HOLDING,
    };
  }
  return null;
}

function ownFreshBlock(inRound: readonly OwnVote[]): InstanceState["ownBlock"] {
  for (const { message } of inRound)
    if (message.kind === "proposal" && !message.justification?.prepared)
      return { blockHash: message.blockHash, holding: NO_HOLDING };
  return null;
}

function lastPrepared(mine: readonly OwnVote[]): PreparedCertificate | null {
  let last: PreparedCertificate | null = null;
  for (const { message, basis } of mine) {
    const prepared = message.kind === "round-change" ? message.prepared : (basis?.prepared ?? null);
    if (prepared !== null && prepared.round >= (last?.round ?? 0)) last = prepared;
  }
  return last;
}

function bodiesOf(mine: readonly OwnVote[]): ReadonlyMap<Hash, Uint8Array> {
  const bodies = new Map<Hash, Uint8Array>();
  for (const { message, basis } of mine) {
    if (basis !== null) bodies.set(basis.prepared.blockHash, basis.body);
    if (message.kind === "proposal" && message.body !== null) bodies.set(message.blockHash, message.body);
  }
  return bodies;
}
