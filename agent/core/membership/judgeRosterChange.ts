/**
 * Which changes of the roster can have an effect.
 *
 * @source docs/protocol.md, "Members and voters"
 */
import type { Verify } from "../signature.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { MemberId } from "./address.ts";
import {
  claimsOf,
  type Enrolment,
  type EnrolmentRefusal,
  enrolledMember,
  judgeEnrolment,
} from "./enrolment.ts";
import { MAX_MEMBERS } from "./genesis.ts";
import type { Roster } from "./roster.ts";
import { MAX_REMOVED, type RosterChange, type RosterDelta } from "./rosterDelta.ts";

/** Codes a change has no effect with. */
export type RosterChangeRefusal =
  | EnrolmentRefusal
  | "ROSTER_UNKNOWN_MEMBER"
  | "ROSTER_DUPLICATE"
  | "ROSTER_KEY_REUSED"
  | "ROSTER_FULL"
  | "ROSTER_TOO_FEW_VOTERS"
  | "ROSTER_NOT_VOTER"
  | "ROSTER_IS_VOTER";

/** Voters that stay when one is suspended: fewer do not survive a liar. */
export const FEWEST_AFTER_SUSPENSION = 4;

/**
 * Judges a change against the roster it is to change.
 *
 * @param roster as the last change left it
 * @param delta of that roster
 * @param change asked for; who may ask is the ledger's to judge
 * @param verify judges the signature of an enrolment
 * @param reserved claims that no member may make: `officeClaims` of the genesis
 * @returns the change, or why it can have no effect
 */
export function judgeRosterChange(
  roster: Roster,
  delta: RosterDelta,
  change: RosterChange,
  verify: Verify,
  reserved: readonly string[],
): Verdict<RosterChange, RosterChangeRefusal> {
  if (change.kind === "admit") {
    if (roster.members.length >= MAX_MEMBERS) return reject("ROSTER_FULL");
    return judgeNewcomer(roster, delta, change, null, verify, reserved);
  }
  const member = roster.byId.get(change.member);
  if (member === undefined) return reject("ROSTER_UNKNOWN_MEMBER", change.member);
  const voters = roster.members.filter(({ isVoter }) => isVoter).length;
  switch (change.kind) {
    case "revoke":
      if (member.isVoter && voters === 1) return reject("ROSTER_TOO_FEW_VOTERS");
      return delta.removed.length < MAX_REMOVED ? accept(change) : reject("ROSTER_FULL");
    case "rekey":
      if (delta.removed.length >= MAX_REMOVED) return reject("ROSTER_FULL");
      return judgeNewcomer(roster, delta, change, change.member, verify, reserved);
    case "suspend":
      if (!member.isVoter) return reject("ROSTER_NOT_VOTER", change.member);
      return voters > FEWEST_AFTER_SUSPENSION ? accept(change) : reject("ROSTER_TOO_FEW_VOTERS");
    case "reinstate":
      return member.isVoter ? reject("ROSTER_IS_VOTER", change.member) : accept(change);
    default:
      return change satisfies never;
  }
}

function judgeNewcomer<Change extends Extract<RosterChange, { enrolment: Enrolment }>>(
  roster: Roster,
  delta: RosterDelta,
  change: Change,
  replaces: MemberId | null,
  verify: Verify,
  reserved: readonly string[],
): Verdict<Change, RosterChangeRefusal> {
  const { body } = change.enrolment;
  const judged = judgeEnrolment(change.enrolment, verify);
  if (judged.kind !== "accept") return judged;
  if (body.microgridId !== roster.microgridId) return reject("ENROLMENT_MICROGRID", body.microgridId);
  if (delta.removed.includes(enrolledMember(body))) return reject("ROSTER_KEY_REUSED");
  const others = roster.members.filter(({ id }) => id !== replaces);
  const taken = new Set([...reserved, ...others.flatMap(claimsOf)]);
  if (replaces !== null && enrolledMember(body) === replaces) return reject("ROSTER_KEY_REUSED");
  const duplicate = claimsOf(body).find((claim) => taken.has(claim));
  return duplicate === undefined ? accept(change) : reject("ROSTER_DUPLICATE", duplicate);
}
