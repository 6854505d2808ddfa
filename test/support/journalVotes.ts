/** Own votes that journals are tested with, and the voters they are read with. */
import { buildPreparedCertificate } from "../../agent/core/consensus/certificate.ts";
import { NO_ITEMS } from "../../agent/core/consensus/item.ts";
import type { Message } from "../../agent/core/consensus/message.ts";
import type { OwnVote } from "../../agent/core/consensus/ownVote.ts";
import { height, round } from "../../agent/core/units.ts";
import { block, prepareBy, proposalBy, roundChangeBy, signed, voterIds } from "./consensusNodes.ts";

/** The voters of every height. */
export const JOURNAL_VOTERS = voterIds(4);
/** The same, as votes are encoded with. */
export const ELECTORS = JOURNAL_VOTERS.map((id) => ({ id }));

/** @returns a PREPARE of the gateway under test */
export function ownPrepare(atHeight: number, atRound: number, name = "a"): OwnVote {
  const { blockHash } = block(name);
  return plain(atPlace(prepareBy("v1", atRound, blockHash), atHeight));
}

/** @returns a PROPOSAL of round 0 with its body */
export function ownProposal(atHeight: number, name = "a"): OwnVote {
  return plain(atPlace(proposalBy("v1", 0, block(name)), atHeight));
}

/** @returns a ROUND_CHANGE that has prepared nothing */
export function ownRoundChange(atHeight: number, atRound: number): OwnVote {
  return plain(atPlace(roundChangeBy("v1", atRound, "v2"), atHeight));
}

/** @returns a COMMIT with what it rests on; the body is the block's name, or longer by zeros */
export function ownCommit(atHeight: number, atRound: number, name = "a", bodyBytes = 0): OwnVote {
  const { blockHash, body } = block(name);
  const place = { height: height(atHeight), round: round(atRound), blockHash };
  const prepares = ["v1", "v2", "v3"].map((voter) => signed({ kind: "prepare", ...place, voter }));
  const prepared = buildPreparedCertificate(prepares, JOURNAL_VOTERS);
  const message = signed({ kind: "commit", ...place, held: NO_ITEMS, voter: "v1" });
  const padded = new Uint8Array(Math.max(body.length, bodyBytes));
  padded.set(body);
  return { message, basis: { body: padded, prepared, items: [] } };
}

function plain(message: Message): OwnVote {
  return { message, basis: null };
}

function atPlace(message: Message, atHeight: number): Message {
  return signed({ ...message, height: height(atHeight) });
}
