/**
 * Voters that take no part: in how many certificates on end, as blocks embed them, each was missing. A voter that is
 * away for a day of blocks may be suspended, so that the others do not lose their quorum to it.
 *
 * @source docs/protocol.md, "Members and voters"
 */
import { decodeCommitCertificate } from "../../consensus/certificateCodec.ts";
import type { MemberId } from "../../membership/address.ts";
import { contextAt, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";

/** Certificates on end without a voter after which it may be suspended. A block of many intervals embeds one. */
export const ABSENT_CERTIFICATES = 96;

/**
 * @param context of the epoch
 * @param state after the parent
 * @param parentCertificate that the block embeds, judged; null in the first block of an epoch, where nobody was absent yet
 * @returns the absences after the block; nobody counts beyond {@link ABSENT_CERTIFICATES}
 */
export function absencesAfter(
  context: LedgerContext,
  state: LedgerState,
  parentCertificate: Uint8Array | null,
): ReadonlyMap<MemberId, number> {
  if (parentCertificate === null) return new Map();
  const { voters } = contextAt(context, state, state.height).voters;
  const decoded = decodeCommitCertificate(parentCertificate, state.height, voters);
  if (decoded.kind !== "accept") return state.absences;
  const signers = new Set<string>(decoded.value.signers.map(({ voter }) => voter));
  const absent = voters.filter(({ id }) => !signers.has(id)).map(({ id }) => id as MemberId);
  return new Map(absent.map((id) => [id, Math.min((state.absences.get(id) ?? 0) + 1, ABSENT_CERTIFICATES)]));
}
