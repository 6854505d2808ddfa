/** What can go wrong with the local API, on either side of its socket. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link ApiError}. */
export type ApiErrorCode =
  /** Nobody answers on the socket, or not in time. Worth a retry once the agent runs. */
  | "API_UNREACHABLE"
  /** The agent answered that it will not; `apiCode` and `reason` say why. */
  | "API_REFUSED"
  /** The answer is not one of ours: too long, not JSON, another schema. */
  | "API_MALFORMED"
  /** The line that is wanted is lent to another command. */
  | "API_LINE_LENT"
  /** Another agent answers on the socket that this one should open. */
  | "API_SOCKET_BUSY"
  /** The socket cannot be made at its path. */
  | "API_SOCKET_UNUSABLE";

/** A failure of the local API. */
export class ApiError extends AgentError<ApiErrorCode> {}
