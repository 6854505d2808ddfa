/** Failures of the transport. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link TransportError}; a failed dial is no error, it is dialled again. */
export type TransportErrorCode =
  /** The message is longer than its channel allows, or a request or its answer than it may be. */
  | "TRANSPORT_TOO_LONG"
  /** An address to listen on is taken, or not ours. */
  | "TRANSPORT_LISTEN"
  /** Not a multiaddr, or one that names another peer. */
  | "TRANSPORT_ADDRESS"
  /** Not a PeerId, named twice, or our own. */
  | "TRANSPORT_PEER_ID"
  /** The seed of the transport key has not 32 bytes. */
  | "TRANSPORT_KEY"
  /** Started while it runs. */
  | "TRANSPORT_STARTED"
  /** The gateway that is asked is away, or this one has stopped. */
  | "TRANSPORT_NOT_CONNECTED"
  /** No complete answer in time. */
  | "TRANSPORT_TIMEOUT"
  /** The gateway that was asked broke off without a complete answer: it refuses, or it went away. */
  | "TRANSPORT_UNANSWERED";

/** A failure of the transport. */
export class TransportError extends AgentError<TransportErrorCode> {}
