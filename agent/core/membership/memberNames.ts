/** Names of members, also of those that are members no more. */
import type { MemberId } from "./address.ts";
import { enrolledMember } from "./enrolment.ts";
import type { GenesisBody } from "./genesis.ts";
import type { RosterDelta } from "./rosterDelta.ts";

/**
 * @param genesis of the microgrid
 * @param delta of a roster
 * @returns the name a member enrolled with; its id when it is in neither
 */
export function memberNames(genesis: GenesisBody, delta: RosterDelta): (member: MemberId) => string {
  const enrolled = [...genesis.members, ...delta.added];
  const names = new Map(enrolled.map(({ body }) => [enrolledMember(body), body.name]));
  return (member) => names.get(member) ?? member;
}
