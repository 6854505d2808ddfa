/** What can go wrong with the ledger on disk. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link StoreError}. */
export type StoreErrorCode =
  /** The block does not follow the head, or another commit is under way; nothing was written. */
  | "STORE_NOT_NEXT"
  /** Another process has the directory open. */
  | "STORE_LOCKED"
  /** What is stored is not what was committed; never repaired in place. */
  | "STORE_DAMAGED"
  /** Made by an agent that stores in another way. */
  | "STORE_FORMAT"
  /** The disk refused; whether the block is durable is known only after the store is opened again. */
  | "STORE_WRITE"
  /** The disk refused to answer. */
  | "STORE_READ"
  /** Used after close. */
  | "STORE_CLOSED";

/** What to do about a damaged ledger, for people: the agent does the same by itself. */
export const QUARANTINE_FIX =
  "start the agent: it sets the directory aside and fetches the ledger from its neighbours again";

/** A ledger store that cannot keep its promise. */
export class StoreError extends AgentError<StoreErrorCode> {}
