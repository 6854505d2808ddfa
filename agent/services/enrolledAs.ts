/** Which member of the roster a gateway is: all of its keys must be the ones it enrolled with. */
import { equalBytes } from "../core/bytes.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import { type MemberId, memberIdOf } from "../core/membership/address.ts";
import { type Enrolment, enrolledMember } from "../core/membership/enrolment.ts";
import { type RosterMember, rosterOf } from "../core/membership/roster.ts";
import { NO_DELTA, withChange } from "../core/membership/rosterDelta.ts";
import { ServiceError } from "./base/serviceError.ts";

/** What of a gateway's keys is public. */
export type OwnIdentity = {
  /** Compressed P-256 key, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly peerId: string;
  /** X25519 public key, 32 bytes. */
  readonly recordsKey: Uint8Array;
};

/**
 * @param context of the street, with the roster of the genesis
 * @param identity of this gateway's key files
 * @param name as configured
 * @param own its enrolment beside the configuration; one that is not in the genesis waits to be admitted, or was
 * @returns its enrolment, as the genesis has it or as its own file does
 * @throws ServiceError `MEMBER_NOT_ENROLLED` when the ledger key or the name is not in the roster, `KEY_NOT_ENROLLED`
 *   when another key is not the enrolled one: nobody would let this gateway in, or what is granted to it stays closed
 */
export function enrolledAs(
  context: LedgerContext,
  identity: OwnIdentity,
  name: string,
  own: Enrolment | null = null,
): RosterMember {
  const self = memberOfKey(context, identity.publicKey, own);
  if (self.name !== name)
    throw new ServiceError("MEMBER_NOT_ENROLLED", { member: self.id, name, enrolledName: self.name });
  if (self.peerId !== identity.peerId) throw new ServiceError("KEY_NOT_ENROLLED", { key: "transport", name });
  if (!equalBytes(self.recordsKey, identity.recordsKey))
    throw new ServiceError("KEY_NOT_ENROLLED", { key: "records", name });
  return self;
}

/**
 * @param context of the street, with the roster of the genesis
 * @param publicKey compressed P-256 key of a gateway
 * @param own its enrolment, for one that is not in the genesis
 * @returns which member it is
 * @throws ServiceError `MEMBER_NOT_ENROLLED`
 */
export function memberOfKey(
  context: LedgerContext,
  publicKey: Uint8Array,
  own: Enrolment | null = null,
): RosterMember {
  const member = memberIdOf(publicKey);
  const self = context.roster.byId.get(member) ?? newcomerOf(context, own, member);
  if (self === undefined) throw new ServiceError("MEMBER_NOT_ENROLLED", { member });
  return self;
}

function newcomerOf(
  { genesis }: LedgerContext,
  own: Enrolment | null,
  member: MemberId,
): RosterMember | undefined {
  if (own === null || enrolledMember(own.body) !== member) return undefined;
  const change = { kind: "admit", enrolment: own, isVoter: false } as const;
  return rosterOf(genesis, withChange(NO_DELTA, change)).byId.get(member);
}
