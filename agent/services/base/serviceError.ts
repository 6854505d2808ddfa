/** Failures that end a service, and with it the agent: the process stops rather than go on wrongly. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link ServiceError}. */
export type ServiceErrorCode =
  | "LEDGER_DAMAGED"
  | "LEDGER_MISSING"
  | "LEDGER_BEHIND_OUTBOX"
  | "LEDGER_GIVEN_UP"
  | "EPOCH_LEFT"
  | "EPOCH_OTHER_GENESIS"
  | "LEDGER_CONTRADICTS_OUTBOX"
  | "AGREEMENT_CERTIFIED_INVALID"
  | "GENESIS_REFUSED"
  | "MEMBER_NOT_ENROLLED"
  | "KEY_NOT_ENROLLED"
  | "METER_NOT_CONFIGURED"
  | "METER_OTHER"
  | "VOTE_REFUSED"
  | "VOTE_NOT_DURABLE"
  | "KEY_CLONED"
  | "FRAMES_WAITING"
  | "TRANSACTIONS_WAITING"
  | "TRANSACTION_NOT_DURABLE";

/** A failure of a service. */
export class ServiceError extends AgentError<ServiceErrorCode> {}
