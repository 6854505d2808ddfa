/** The members of a microgrid as every rule sees them: in one order, found by id, by name, by peer. */
import type { Hash } from "../hash.ts";
import { formatAddress, gridAdminIdOf, type MemberId } from "./address.ts";
import { type EnrolmentBody, enrolledMember } from "./enrolment.ts";
import { type Epoch, firstEpoch } from "./epoch.ts";
import type { GenesisBody } from "./genesis.ts";
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
  /** Of the epoch: the hash that every signature of it is bound to. */
  readonly chainId: Hash;
  readonly epoch: number;
  readonly members: readonly RosterMember[];
  readonly byId: ReadonlyMap<MemberId, RosterMember>;
};

/**
 * @param genesis read and verified
 * @param delta of the height; without it, that of the genesis
 * @param epoch of the height; without it, the first
 * @returns the roster of that height
 */
export function rosterOf(
  genesis: GenesisBody,
  delta: RosterDelta = NO_DELTA,
  epoch: Epoch = firstEpoch(genesis),
): Roster {
  const { microgridId } = genesis;
  const gridAdminId = gridAdminIdOf(genesis.gridAdminKey);
  const members = enrolledBy(genesis, delta).map(({ id, body, isVoter }): RosterMember => {
    const address = formatAddress({ member: id, microgridId, gridAdminId });
    return { ...body, meters: metersOf(delta, id, body), id, address, isVoter };
  });
  return {
    microgridId,
    chainId: epoch.chainId,
    epoch: epoch.number,
    members,
    byId: new Map(members.map((member) => [member.id, member])),
  };
}

/**
 * @param genesis read and verified
 * @param delta of the height
 * @returns who votes at that height, in the order of the roster
 */
export function electorsOf(
  genesis: GenesisBody,
  delta: RosterDelta,
): readonly Pick<RosterMember, "id" | "publicKey">[] {
  return enrolledBy(genesis, delta)
    .filter(({ isVoter }) => isVoter)
    .map(({ id, body: { publicKey } }) => ({ id, publicKey }));
}

function enrolledBy({ members }: GenesisBody, { added, removed, suspended, guests }: RosterDelta) {
  const left = new Set(removed);
  const voteless = new Set([...suspended, ...guests]);
  return [...members, ...added]
    .map(({ body }) => ({ id: enrolledMember(body), body }))
    .filter(({ id }) => !left.has(id))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ id, body }) => ({ id, body, isVoter: !voteless.has(id) }));
}

/** Those of the enrolment, but for the serial numbers of meters that were swapped since. */
function metersOf({ meters }: RosterDelta, member: MemberId, body: EnrolmentBody): EnrolmentBody["meters"] {
  const swapped = meters.filter((one) => one.member === member);
  if (swapped.length === 0) return body.meters;
  return body.meters.map((meter, place) => {
    const found = swapped.find((one) => one.meter === place);
    return found === undefined ? meter : { ...meter, serial: found.serial };
  });
}
