/** What can go wrong with the profile. None of it touches a reading. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link ProfileStoreError}. */
export type ProfileStoreErrorCode =
  /** The disk refused; the points of a minute are lost, later ones may be kept. */
  | "PROFILE_WRITE"
  | "PROFILE_READ"
  /** A single day has filled all the room there is. */
  | "PROFILE_TOO_LARGE";

/** Points that are not kept or not found. */
export class ProfileStoreError extends AgentError<ProfileStoreErrorCode> {}
