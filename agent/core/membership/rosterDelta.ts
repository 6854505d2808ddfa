/**
 * Changes of the roster after the genesis: who is admitted, leaves, gets a new key, loses its vote for being away or
 * gets it back. A change is kept as what differs from the genesis, so that the roster of a height is one computation.
 *
 * @source docs/protocol.md, "Members and voters"
 */
import { type Cbor, count, list, oneOf, shape, tuple } from "../codec.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "./address.ts";
import {
  cborEnrolment,
  type Enrolment,
  enrolledMember,
  enrolment,
  MAX_METERS,
  meterSerial,
} from "./enrolment.ts";
import { MAX_MEMBERS } from "./genesis.ts";

/** One change. */
export type RosterChange =
  /** A new member, with a vote or as a guest: metered and settled, without a vote. */
  | { readonly kind: "admit"; readonly enrolment: Enrolment; readonly isVoter: boolean }
  | { readonly kind: "revoke"; readonly member: MemberId }
  /** The same household under a new key; everything settled stays with it. */
  | { readonly kind: "rekey"; readonly member: MemberId; readonly enrolment: Enrolment }
  /** A voter that was away too long stays metered and settled, without a vote. */
  | { readonly kind: "suspend"; readonly member: MemberId }
  | { readonly kind: "reinstate"; readonly member: MemberId };

/** What the roster differs in from that of the genesis; lists are in order of member ids. */
export type RosterDelta = {
  readonly added: readonly Enrolment[];
  /** Every key that ever left; none comes back. */
  readonly removed: readonly MemberId[];
  readonly suspended: readonly MemberId[];
  readonly guests: readonly MemberId[];
  /** Meters that are not those of the enrolment any more. */
  readonly meters: readonly SwappedMeter[];
};

/** The serial number that a place of a member's enrolment has by now. */
export type SwappedMeter = { readonly member: MemberId; readonly meter: number; readonly serial: string };

/** The roster of the genesis. */
export const NO_DELTA: RosterDelta = { added: [], removed: [], suspended: [], guests: [], meters: [] };
const KINDS = ["admit", "revoke", "rekey", "suspend", "reinstate"] as const;
/** Keys that may have left: every member of the largest street, replaced some forty times over. */
export const MAX_REMOVED = 8_192;

/** @param delta before @param change judged @returns the delta after it */
export function withChange(delta: RosterDelta, change: RosterChange): RosterDelta {
  switch (change.kind) {
    case "admit": {
      const added = byMember([...delta.added, change.enrolment]);
      const guest = change.isVoter ? [] : [enrolledMember(change.enrolment.body)];
      return { ...delta, added, guests: sorted([...delta.guests, ...guest]) };
    }
    case "revoke":
      return without(delta, change.member);
    case "rekey": {
      const successor = enrolledMember(change.enrolment.body);
      const moved = (list: readonly MemberId[]) => (list.includes(change.member) ? [successor] : []);
      const left = without(delta, change.member);
      return {
        ...left,
        added: byMember([...left.added, change.enrolment]),
        suspended: sorted([...left.suspended, ...moved(delta.suspended)]),
        guests: sorted([...left.guests, ...moved(delta.guests)]),
      };
    }
    case "suspend":
      return { ...delta, suspended: sorted([...delta.suspended, change.member]) };
    case "reinstate": {
      const stays = (member: MemberId) => member !== change.member;
      return { ...delta, suspended: delta.suspended.filter(stays), guests: delta.guests.filter(stays) };
    }
    default:
      return change satisfies never;
  }
}

/** @param delta before @param swapped one meter @returns the delta after the swap */
export function withMeter(delta: RosterDelta, swapped: SwappedMeter): RosterDelta {
  const others = delta.meters.filter(
    ({ member, meter }) => member !== swapped.member || meter !== swapped.meter,
  );
  const placeOf = ({ member, meter }: SwappedMeter) => `${member} ${meter}`;
  const meters = [...others, swapped].sort((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1));
  return { ...delta, meters };
}

/** @param change any @returns its place in a message */
export function cborRosterChange(change: RosterChange): Cbor {
  const kind = KINDS.indexOf(change.kind);
  switch (change.kind) {
    case "admit":
      return [kind, cborEnrolment(change.enrolment), change.isVoter];
    case "rekey":
      return [kind, memberIdBytes(change.member), cborEnrolment(change.enrolment)];
    case "revoke":
    case "suspend":
    case "reinstate":
      return [kind, memberIdBytes(change.member)];
    default:
      return change satisfies never;
  }
}

/** Decoder of a change. */
export function rosterChangeDecoder(value: unknown): RosterChange {
  if (!Array.isArray(value)) throw shape("roster change", value);
  const kind = KINDS[oneOf([0, 1, 2, 3, 4])(value[0])];
  const fields: readonly unknown[] = value.slice(1);
  switch (kind) {
    case "admit": {
      const [enrolled, isVoter] = tuple(enrolment, oneOf([true, false]))(fields);
      return { kind, enrolment: enrolled, isVoter };
    }
    case "rekey": {
      const [member, enrolled] = tuple(memberDecoder, enrolment)(fields);
      return { kind, member, enrolment: enrolled };
    }
    case "revoke":
    case "suspend":
    case "reinstate":
      return { kind, member: tuple(memberDecoder)(fields)[0] };
    default:
      throw shape("roster change", kind);
  }
}

/** @param delta any @returns its place in the state */
export function cborRosterDelta({ added, removed, suspended, guests, meters }: RosterDelta): Cbor {
  return [
    added.map(cborEnrolment),
    ...[removed, suspended, guests].map((ids) => ids.map(memberIdBytes)),
    meters.map(({ member, meter, serial }) => [memberIdBytes(member), meter, serial]),
  ];
}

/** Decoder of a delta. */
export function rosterDeltaDecoder(value: unknown): RosterDelta {
  const [added, removed, suspended, guests, meters] = tuple(
    list(enrolment, MAX_MEMBERS),
    list(memberDecoder, MAX_REMOVED),
    list(memberDecoder, MAX_MEMBERS),
    list(memberDecoder, MAX_MEMBERS),
    list(tuple(memberDecoder, count(MAX_METERS - 1), meterSerial), MAX_MEMBERS * MAX_METERS),
  )(value);
  return {
    added,
    removed,
    suspended,
    guests,
    meters: meters.map(([member, meter, serial]) => ({ member, meter, serial })),
  };
}

function without(delta: RosterDelta, member: MemberId): RosterDelta {
  const stays = (other: MemberId) => other !== member;
  return {
    added: delta.added.filter(({ body }) => stays(enrolledMember(body))),
    removed: sorted([...delta.removed, member]),
    suspended: delta.suspended.filter(stays),
    guests: delta.guests.filter(stays),
    meters: delta.meters.filter((swapped) => stays(swapped.member)),
  };
}

function byMember(enrolments: readonly Enrolment[]): readonly Enrolment[] {
  const keyed = enrolments.map((one) => ({ one, id: enrolledMember(one.body) }));
  return keyed.sort((left, right) => (left.id < right.id ? -1 : 1)).map(({ one }) => one);
}

function sorted(members: readonly MemberId[]): readonly MemberId[] {
  return members.toSorted();
}
