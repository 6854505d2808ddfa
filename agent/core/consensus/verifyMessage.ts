/**
 * The door of the agreement: every signature of a message and of the certificates it carries, before the core sees it.
 * A refusal here blames whoever passed the message on, since honest gateways pass on nothing unverified.
 *
 * @source docs/protocol.md, "Messages"
 */
import { accept, reject, type Verdict } from "../verdict.ts";
import {
  type CertificateRefusal,
  isPreparedClaim,
  type VerifyContext,
  verifyPreparedCertificate,
} from "./certificate.ts";
import { type JustificationRefusal, judgePrepared, verifyJustification } from "./justification.ts";
import { type Message, type RoundChange, senderOf, signBytesOf } from "./message.ts";

/** Codes a message is refused with at the door. */
export type VerifyRefusal = CertificateRefusal | JustificationRefusal;

/**
 * Verifies a message. Whether a body hashes to its block hash is the ledger's knowledge and is checked there.
 *
 * @param message untrusted, of the height whose voters the context names
 * @param context voters, chain and verifier
 * @returns the message, or the first thing in it that does not hold
 */
export function verifyMessage(message: Message, context: VerifyContext): Verdict<Message, VerifyRefusal> {
  const sender = context.voters.find((voter) => voter.id === senderOf(message));
  if (sender === undefined) return reject("UNKNOWN_VOTER", senderOf(message));
  const signed = signBytesOf(message, context.chainId, context.epoch);
  if (!context.verify(sender.publicKey, signed, message.signature)) return reject("BAD_SIGNATURE", sender.id);
  switch (message.kind) {
    case "prepare":
    case "commit":
      return accept(message);
    case "proposal": {
      if (message.justification === null) return accept(message);
      const verdict = verifyJustification(message.justification, context);
      return verdict.kind === "accept" ? accept(message) : verdict;
    }
    case "round-change":
      return verifyRoundChange(message, context);
    default:
      return message satisfies never;
  }
}

function verifyRoundChange(
  message: RoundChange,
  context: VerifyContext,
): Verdict<RoundChange, VerifyRefusal> {
  if (message.round === 0) return reject("ROUND_ZERO");
  if (!isPreparedClaim(message, message.round)) return reject("BAD_PREPARED_CLAIM");
  const claim = judgePrepared(message, message.height, message.prepared);
  if (claim.kind !== "accept") return claim;
  if (message.prepared === null) return accept(message);
  const proof = verifyPreparedCertificate(message.prepared, context);
  return proof.kind === "accept" ? accept(message) : proof;
}
