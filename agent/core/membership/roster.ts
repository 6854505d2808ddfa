/** The members of a microgrid as every rule sees them: in one order, found by id, by name, by peer. */
import type { Hash } from "../hash.ts";
import { formatAddress, gridAdminIdOf, type MemberAddress, type MemberId } from "./address.ts";
import { type EnrolmentBody, enrolledMember } from "./enrolment.ts";
import { chainIdOf, type Genesis } from "./genesis.ts";

/** One member: its id and what it enrolled with. */
export type RosterMember = EnrolmentBody & {
  readonly id: MemberId;
  /** `smartMeterAddress.microgridId.gridAdminId` */
  readonly address: string;
};

/** Who takes part, in the order of member ids. */
export type Roster = {
  readonly chainId: Hash;
  readonly epoch: number;
  readonly members: readonly RosterMember[];
  readonly byId: ReadonlyMap<MemberId, RosterMember>;
};

/** @param genesis read and verified @returns the roster of epoch 0 */
export function rosterOf(genesis: Genesis): Roster {
  const gridAdminId = gridAdminIdOf(genesis.body.gridAdminKey);
  const members = genesis.body.members
    .map(({ body }): RosterMember => {
      const id = enrolledMember(body);
      const address: MemberAddress = { member: id, microgridId: genesis.body.microgridId, gridAdminId };
      return { ...body, id, address: formatAddress(address) };
    })
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  return {
    chainId: chainIdOf(genesis.body),
    epoch: 0,
    members,
    byId: new Map(members.map((member) => [member.id, member])),
  };
}
