/** Which member of the roster a gateway is: all of its keys must be the ones it enrolled with. */
import { equalBytes } from "../core/bytes.ts";
import type { LedgerContext } from "../core/ledger/context.ts";
import { memberIdOf } from "../core/membership/address.ts";
import type { RosterMember } from "../core/membership/roster.ts";
import { ServiceError } from "./serviceError.ts";

/** What of a gateway's keys is public. */
export type OwnIdentity = {
  /** Compressed P-256 key, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly peerId: string;
  /** X25519 public key, 32 bytes. */
  readonly recordsKey: Uint8Array;
};

/**
 * @param context of the street
 * @param identity of this gateway's key files
 * @param name as configured
 * @returns its enrolment
 * @throws ServiceError `MEMBER_NOT_ENROLLED` when the ledger key or the name is not in the roster, `KEY_NOT_ENROLLED`
 *   when another key is not the enrolled one: nobody would let this gateway in, or what is granted to it stays closed
 */
export function enrolledAs(context: LedgerContext, identity: OwnIdentity, name: string): RosterMember {
  const member = memberIdOf(identity.publicKey);
  const self = context.roster.byId.get(member);
  if (self === undefined) throw new ServiceError("MEMBER_NOT_ENROLLED", { member });
  if (self.name !== name)
    throw new ServiceError("MEMBER_NOT_ENROLLED", { member, name, enrolledName: self.name });
  if (self.peerId !== identity.peerId) throw new ServiceError("KEY_NOT_ENROLLED", { key: "transport", name });
  if (!equalBytes(self.recordsKey, identity.recordsKey))
    throw new ServiceError("KEY_NOT_ENROLLED", { key: "records", name });
  return self;
}
