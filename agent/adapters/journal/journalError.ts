/** What can go wrong with a journal. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link JournalError}. None is worth a retry on the same open journal. */
export type JournalErrorCode =
  /** What must be kept fills the file; nothing was written. */
  | "JOURNAL_FULL"
  /** The caller's order is wrong; nothing was written. */
  | "JOURNAL_SEQUENCE"
  /** The disk refused; what is durable is known only after the journal is opened again. */
  | "JOURNAL_READ"
  | "JOURNAL_WRITE"
  /** An acknowledged record is lost or altered. */
  | "JOURNAL_DAMAGED"
  /** Used after close. */
  | "JOURNAL_CLOSED";

/** A journal that cannot keep its promise. */
export class JournalError extends AgentError<JournalErrorCode> {}
