/** What an agent is made of. */
import type { LedgerContext } from "../core/ledger/state/context.ts";
import type { RosterMember } from "../core/membership/roster.ts";
import type { Clock } from "../ports/clock.ts";
import type { DiskSpace } from "../ports/diskSpace.ts";
import type { FrameStore } from "../ports/frameStore.ts";
import type { LedgerStore } from "../ports/ledgerStore.ts";
import type { Logger } from "../ports/logger.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Random } from "../ports/random.ts";
import type { Signer } from "../ports/signer.ts";
import type { Transport } from "../ports/transport.ts";
import type { VoteJournal } from "../ports/voteJournal.ts";
import type { LimitedDevice } from "./curtailment/curtailment.ts";
import type { MeteredMeter } from "./metering/meterReader.ts";
import type { ProfilePlan } from "./metering/profile.ts";

/** What an agent is made of; the composition root builds and, after `stop`, closes them. */
export type AgentModules = {
  readonly version: string;
  readonly context: LedgerContext;
  /** This gateway as it enrolled; admitted or not is the ledger's to say. */
  readonly self: RosterMember;
  readonly meters: readonly MeteredMeter[];
  /** What this household can be curtailed with; none for a household that only measures. */
  readonly actuators: readonly LimitedDevice[];
  readonly clock: Clock;
  readonly signer: Signer;
  /** Opened before the outbox, so that it has counted at least as many starts. */
  readonly voteJournal: VoteJournal;
  readonly outbox: Outbox;
  /** Raw frames of own readings, for people. */
  readonly frames: FrameStore;
  /** Of the profile between the boundaries; absent where none is wanted. */
  readonly profile?: ProfilePlan;
  /** Own transactions; counts by itself. */
  readonly transactionOutbox: Outbox;
  readonly store: LedgerStore;
  /** Ledgers of this data directory that were found damaged and set aside. */
  readonly ledgersSetAside: number;
  readonly disk: DiskSpace;
  /** Lives of this process that ended in a failed write. */
  readonly failedLives: number;
  readonly transport: Transport;
  readonly random: Random;
  /** Blocks behind from which on a snapshot takes their place; the product's own bound when absent. */
  readonly blocksBeforeSnapshot?: number;
  /** @returns 32 bytes that nobody could have known before */
  readonly drawNonce: () => Uint8Array;
  readonly logger: Logger;
  /** Called once when the agent must end: it has stopped voting by then. */
  readonly onFault: (error: unknown) => void;
  /** Called once when everything is to be opened and verified anew: a write failed, and the disk looks sound again. */
  readonly onRenew: () => void;
};
