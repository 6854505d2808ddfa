/** The members of a microgrid as every rule sees them: in one order, found by id, by name, by peer. */
import type { Hash } from "../hash.ts";
import { formatAddress, gridAdminIdOf, type MemberId } from "./address.ts";
import { type EnrolmentBody, enrolledMember } from "./enrolment.ts";
import { chainIdOf, type GenesisBody } from "./genesis.ts";
import { NO_DELTA, type RosterDelta } from "./rosterDelta.ts";

/** One member: its id and what it enrolled with. */
export type RosterMember = EnrolmentBody & {
  readonly id: MemberId;
  /** `smartMeterAddress.microgridId.gridAdminId` */
  readonly address: string;
  /** False for a guest and while suspended: metered and settled, without a vote. */
  readonly isVoter: boolean;
};

/** Who takes part, in the order of member ids. */
export type Roster = {
  readonly microgridId: string;
  readonly chainId: Hash;
  readonly epoch: number;
  readonly members: readonly RosterMember[];
  readonly byId: ReadonlyMap<MemberId, RosterMember>;
};

/**
 * @param genesis read and verified
 * @param delta of the height; without it, that of the genesis
 * @returns the roster of epoch 0
 */
export function rosterOf(genesis: GenesisBody, delta: RosterDelta = NO_DELTA): Roster {
  const { microgridId } = genesis;
  const gridAdminId = gridAdminIdOf(genesis.gridAdminKey);
  const left = new Set(delta.removed);
  const voteless = new Set([...delta.suspended, ...delta.guests]);
  const members = [...genesis.members, ...delta.added]
    .map(({ body }): RosterMember => {
      const id = enrolledMember(body);
      const address = formatAddress({ member: id, microgridId, gridAdminId });
      return { ...body, id, address, isVoter: !voteless.has(id) };
    })
    .filter(({ id }) => !left.has(id))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    microgridId,
    chainId: chainIdOf(genesis),
    epoch: 0,
    members,
    byId: new Map(members.map((member) => [member.id, member])),
  };
}
