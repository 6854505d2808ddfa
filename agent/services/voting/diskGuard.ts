/**
 * Watches the disk that votes, readings and the ledger are kept on. A gateway whose disk may not keep its next vote
 * does not cast it: below a bound of free space it gives up the profile first; if that is not enough, or the disk is
 * read-only, it stops voting and goes on metering, and votes again by
 * itself once there is room. After a write that failed nobody knows what is on the disk, so everything is opened and
 * verified anew first: in the same process, when the disk looks sound again.
 *
 * @source docs/protocol.md, "A disk that is full, read-only or failing"
 */
import { isAgentError } from "../../core/errors.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { DiskLook, DiskSpace } from "../../ports/diskSpace.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Profile } from "../metering/profile.ts";
import type { Hindrance, VotingHindrances } from "./votingHindrances.ts";

/** What the guard is made of. */
export type DiskGuardModules = {
  readonly disk: DiskSpace;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hindrances: Pick<VotingHindrances, "hinder" | "lift">;
  /** What is the least valuable on the disk; null where there is none. */
  readonly spare: Pick<Profile, "drop" | "keepAgain"> | null;
  /** Lives of this process that ended in a failed write: each makes the wait before the next one twice as long. */
  readonly failedLives: number;
  /** Asks for a new life, in which everything is opened and verified anew. */
  readonly onRenew: () => void;
};

const MIB = 1_048_576;
/** Below it no vote is cast: the ledger's own files need some of it at any moment. */
export const MIN_FREE_BYTES = 64 * MIB;
/** From here on votes are cast again: more than the bound, so that a disk at the bound does not go back and forth. */
export const RESUME_FREE_BYTES = 80 * MIB;
const LOOK_MS = 10_000;
/** From a failed write to a new life at least; each new life misses up to an interval of metering. */
const RENEW_MS = 60_000;
const MAX_DOUBLINGS = 6;

const FAILED_WRITES: readonly string[] = ["STORE_WRITE", "STORE_READ", "JOURNAL_WRITE", "VOTE_NOT_DURABLE"];
const WHAT_NEXT =
  "make room on the disk, or see why it refuses (`dmesg`); the agent opens everything anew and goes on by itself";

type Trouble = Hindrance & { readonly code: "DISK_SPACE_LOW" | "DISK_READ_ONLY" | "DISK_UNREADABLE" };

/** @param error any failure @returns true when the disk refused, so that what is on it is unknown until it is read again */
export function isDiskRefusal(error: unknown): boolean {
  return isAgentError(error) && FAILED_WRITES.includes(error.code);
}

/** The watch over one disk. */
export class DiskGuard {
  readonly #modules: DiskGuardModules;
  #cancel: Cancel = () => {};
  #isStopped = false;
  #trouble: Trouble | null = null;
  #failedAtMs: number | null = null;
  #isSpareDropped = false;

  constructor(modules: DiskGuardModules) {
    this.#modules = modules;
  }

  /** Looks once before it returns, then every few seconds. */
  async start(): Promise<void> {
    await this.#look();
    if (this.#isStopped) return;
    this.#cancel = this.#modules.clock.after(LOOK_MS, () => void this.start());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** @param error of a write that failed, by {@link isDiskRefusal}; nothing is voted on after it in this life */
  noteFailure(error: unknown): void {
    if (this.#failedAtMs !== null) return;
    const { clock, logger, hindrances } = this.#modules;
    this.#failedAtMs = clock.monotonicMs();
    const code = isAgentError(error) ? error.code : "STORE_WRITE";
    const text = error instanceof Error ? error.message : String(error);
    hindrances.hinder("disk", {
      code,
      because: () => `the disk does not keep what it is given: ${text}`,
      next: WHAT_NEXT,
    });
    logger.error("disk.failed", error);
  }

  async #look(): Promise<void> {
    let look = await this.#see();
    if (this.#isStopped) return;
    if (this.#isSpareDropped) this.#keepSpare(look);
    else if (troubleOf(look, false)?.code === "DISK_SPACE_LOW" && (await this.#dropSpare()))
      look = await this.#see();
    if (this.#isStopped) return;
    const trouble = troubleOf(look, this.#trouble !== null);
    if (trouble !== null) await this.#hinder(trouble);
    else if (this.#trouble !== null) this.#end();
    if (trouble === null && this.#isRenewalDue()) this.#renew();
  }

  #see(): Promise<DiskLook | Error | null> {
    return this.#modules.disk.look().catch((error: unknown) => (error instanceof Error ? error : null));
  }

  /** @returns false when there was nothing to drop */
  async #dropSpare(): Promise<boolean> {
    const { spare, logger } = this.#modules;
    if (spare === null) return false;
    this.#isSpareDropped = true;
    const freedBytes = await spare.drop().catch(() => 0);
    logger.warn("profile.dropped", { freedBytes });
    return freedBytes > 0;
  }

  #keepSpare(look: DiskLook | Error | null): void {
    if (troubleOf(look, true) !== null) return;
    this.#isSpareDropped = false;
    this.#modules.spare?.keepAgain();
    this.#modules.logger.info("profile.kept-again");
  }

  async #hinder(trouble: Trouble): Promise<void> {
    const { hindrances, logger, disk } = this.#modules;
    const isNew = this.#trouble?.code !== trouble.code;
    this.#trouble = trouble;
    if (this.#failedAtMs === null) hindrances.hinder("disk", trouble);
    if (!isNew) return;
    logger.warn("disk.trouble", { code: trouble.code, because: trouble.because() });
    if (trouble.code !== "DISK_SPACE_LOW") return;
    const freedBytes = await disk.makeRoom().catch(() => 0);
    if (freedBytes > 0) logger.info("disk.room-made", { freedBytes });
  }

  #end(): void {
    const { hindrances, logger } = this.#modules;
    logger.info("disk.well", { was: this.#trouble?.code ?? null });
    this.#trouble = null;
    if (this.#failedAtMs === null) hindrances.lift("disk");
  }

  #isRenewalDue(): boolean {
    if (this.#failedAtMs === null) return false;
    const { clock, failedLives } = this.#modules;
    const waitMs = RENEW_MS * 2 ** Math.min(failedLives, MAX_DOUBLINGS);
    return clock.monotonicMs() - this.#failedAtMs >= waitMs;
  }

  #renew(): void {
    this.stop();
    this.#modules.onRenew();
  }
}

function troubleOf(look: DiskLook | Error | null, isInTrouble: boolean): Trouble | null {
  if (look === null || look instanceof Error) {
    const because = `the disk cannot be looked at: ${look?.message ?? "no reason"}`;
    return { code: "DISK_UNREADABLE", because: () => because, next: WHAT_NEXT };
  }
  if (!look.isWritable) {
    const because = "the disk is read-only: no vote can be kept, and no reading";
    return { code: "DISK_READ_ONLY", because: () => because, next: WHAT_NEXT };
  }
  if (look.freeBytes >= (isInTrouble ? RESUME_FREE_BYTES : MIN_FREE_BYTES)) return null;
  const because = `${mib(look.freeBytes)} MiB are free on the disk, below the bound of ${mib(MIN_FREE_BYTES)} MiB`;
  const next = `make room until ${mib(RESUME_FREE_BYTES)} MiB are free; the agent votes again by itself then`;
  return { code: "DISK_SPACE_LOW", because: () => because, next };
}

function mib(bytes: number): number {
  return Math.floor(bytes / MIB);
}
