/**
 * Looks at the meters between the boundaries, for the household's own eyes: the points are kept on this gateway only.
 * A boundary goes before: near one nothing is asked.
 */
import { isAgentError } from "../../core/errors.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import { intervalAt, intervalEndMs } from "../../core/metering/interval.ts";
import { unixMs } from "../../core/units.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { MeterSample } from "../../ports/meter.ts";
import type { ProfilePoint, ProfileQuery, ProfileStore } from "../../ports/profileStore.ts";
import type { LastSample, MeteredMeter } from "./meterReader.ts";

/** What the profile is made of. */
export type ProfileModules = {
  readonly meters: readonly MeteredMeter[];
  readonly store: ProfileStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onFault: (error: unknown) => void;
};

/** Where the profile goes, and how often it is looked; 0 for never. */
export type ProfilePlan = { readonly store: ProfileStore; readonly everySeconds: number };

/** Settings of the profile. */
export type ProfileOptions = {
  /** From one look to the next. */
  readonly everyMs: number;
  /** Length of an interval. */
  readonly intervalMs: number;
};

const MS_PER_SECOND = 1_000;
/** Points are written together, to spare the card; a power cut takes as much. */
const WRITE_EVERY_MS = 60_000;
/** Most of an interval, on either side of a boundary, in which nothing is asked. */
const MAX_GUARD_SHARE = 1 / 4;
/** What a look may take beyond its plan. */
const SLACK_MS = 500;

/** The profile of the running gateway. */
export class Profile {
  readonly #options: ProfileOptions;
  readonly #modules: ProfileModules;
  readonly #latest: (MeterSample | null)[];
  #unwritten: ProfilePoint[] = [];
  #writtenAtMs: number;
  #isFailing = false;
  /** The disk is needed for more than the profile. */
  #isDropped = false;
  #isStopped = false;
  #cancel: Cancel = () => {};

  constructor(options: ProfileOptions, modules: ProfileModules) {
    this.#options = options;
    this.#modules = modules;
    this.#latest = modules.meters.map(() => null);
    this.#writtenAtMs = modules.clock.monotonicMs();
  }

  start(): void {
    this.#wakeIn(this.#options.everyMs);
  }

  /** Nothing more is asked; what is not written yet is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#write();
  }

  /** @param lastSamples of the metering, per meter @returns the newer of each and of what was looked at here; for people */
  newest(lastSamples: readonly LastSample[]): readonly LastSample[] {
    return lastSamples.map((last, meter) => {
      const sample = this.#latest[meter] ?? null;
      // What another meter shows is not this one's.
      if (last.kind === "missing" && last.answeredBy !== null) return last;
      if (sample === null || takenAtMs(last) >= sample.takenAtMs) return last;
      return { kind: "measured", sample };
    });
  }

  /** @param query which points @returns them, oldest first @throws ProfileStoreError `PROFILE_READ` */
  async find(query: ProfileQuery): Promise<readonly ProfilePoint[]> {
    await this.#write();
    return this.#modules.store.find(query);
  }

  /** What is kept goes, and nothing more is until {@link keepAgain}; the newest samples are still shown. @returns bytes freed @throws ProfileStoreError `PROFILE_WRITE` */
  async drop(): Promise<number> {
    this.#isDropped = true;
    this.#unwritten = [];
    return this.#modules.store.clear();
  }

  /** There is room for the profile again. */
  keepAgain(): void {
    this.#isDropped = false;
  }

  #wakeIn(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#modules.clock.after(delayMs, () => {
      this.#look().then(
        (nextMs) => this.#wakeIn(nextMs),
        (error: unknown) => this.#modules.onFault(error),
      );
    });
  }

  /** @returns until the next look, in ms */
  async #look(): Promise<number> {
    const { clock, meters } = this.#modules;
    const waitMs = this.#untilClear();
    if (waitMs > 0) return waitMs;
    const beganMs = clock.monotonicMs();
    await Promise.all(meters.map((metered, meter) => this.#lookAt(metered, meter)));
    if (clock.monotonicMs() - this.#writtenAtMs >= WRITE_EVERY_MS) await this.#write();
    return Math.max(0, this.#options.everyMs - (clock.monotonicMs() - beganMs));
  }

  /** @returns how long a boundary is too near, in ms; 0 when none is */
  #untilClear(): number {
    const { clock, meters } = this.#modules;
    const { intervalMs } = this.#options;
    const planMs = meters.reduce((sum, { meter }) => sum + meter.sampleDurationMs, 0);
    const guardMs = Math.min(2 * planMs + SLACK_MS, intervalMs * MAX_GUARD_SHARE);
    const nowMs = clock.nowMs();
    const interval = intervalAt(nowMs, intervalMs);
    const toEndMs = intervalEndMs(interval, intervalMs) - nowMs;
    const sinceStartMs = intervalMs - toEndMs;
    if (sinceStartMs < guardMs) return Math.ceil(guardMs - sinceStartMs);
    if (toEndMs > guardMs) return 0;
    return Math.ceil(toEndMs + guardMs);
  }

  async #lookAt({ meter }: MeteredMeter, place: number): Promise<void> {
    try {
      const sample = await meter.sample("profile");
      this.#latest[place] = sample;
      // Under a clock that is not trusted nobody could say later when it was.
      if (!this.#isDropped && this.#modules.clock.trust() !== "unsynchronised")
        this.#unwritten.push(pointOf(sample, place));
    } catch (error) {
      // A meter that does not answer is the metering's to tell; an old value is not shown in its place.
      if (!isAgentError(error)) throw error;
      this.#latest[place] = null;
    }
  }

  async #write(): Promise<void> {
    // Of one look the meters answer in any order.
    const points = this.#unwritten.toSorted((left, right) => left.atMs - right.atMs);
    this.#unwritten = [];
    this.#writtenAtMs = this.#modules.clock.monotonicMs();
    if (points.length === 0) return;
    const { store, logger } = this.#modules;
    try {
      await store.add(points);
      if (this.#isFailing) logger.info("profile.kept-again");
      this.#isFailing = false;
    } catch (error) {
      if (!isAgentError(error)) throw error;
      if (!this.#isFailing) logger.error("profile.not-kept", error, { points: points.length });
      this.#isFailing = true;
    }
  }
}

/** @param modules of the agent @param onFault hears a bug @returns its profile, not started; null where none is wanted */
export function profileOf(
  {
    profile,
    context,
    meters,
    clock,
    logger,
  }: Omit<ProfileModules, "store" | "onFault"> & {
    readonly profile?: ProfilePlan;
    readonly context: Pick<LedgerContext, "genesis">;
  },
  onFault: (error: unknown) => void,
): Profile | null {
  if (profile === undefined || profile.everySeconds === 0) return null;
  const { store, everySeconds } = profile;
  const { intervalMs } = context.genesis;
  return new Profile(
    { everyMs: everySeconds * MS_PER_SECOND, intervalMs },
    { meters, store, clock, logger, onFault },
  );
}

function pointOf(sample: MeterSample, meter: number): ProfilePoint {
  const { takenAtMs: atMs, activePower, activeEnergyImport, activeEnergyExport } = sample;
  return {
    atMs: unixMs(Math.round(atMs)),
    meter,
    activePowerW: activePower === null ? null : Math.round(activePower),
    importWh: activeEnergyImport === null ? null : Number(activeEnergyImport),
    exportWh: activeEnergyExport === null ? null : Number(activeEnergyExport),
  };
}

function takenAtMs(last: LastSample): number {
  switch (last.kind) {
    case "measured":
      return last.sample.takenAtMs;
    case "missing":
      return last.lastTakenAtMs ?? 0;
    case "never-read":
      return 0;
    default:
      return last satisfies never;
  }
}
