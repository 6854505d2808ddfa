/** What can be wrong with the secret keys of a gateway. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link SignerError}. */
export type SignerErrorCode =
  | "KEY_FILE_MODE"
  | "KEY_FILE_MISSING"
  | "KEY_FILE_MALFORMED"
  | "KEY_FILE_EXISTS"
  | "KEY_FILE_IO"
  | "SIGNER_SECRET_RANGE";

/** A key that cannot be created, loaded or signed with. Never carries secret bytes. */
export class SignerError extends AgentError<SignerErrorCode> {}
