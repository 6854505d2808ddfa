/**
 * Curtailment at one household: says on the ledger that it will obey an order when it has what it takes, limits its
 * actuators from shortly before the interval until its end, looks at its meters meanwhile, and puts back what was there.
 * Whether it obeyed its meters say; nothing else waits for this.
 *
 * @source docs/market.md, "Acting"
 */
import { isAgentError } from "../../core/errors.ts";
import { maxOf, type OrderKind, type StandingOrder } from "../../core/market/curtail.ts";
import type { GenesisBody } from "../../core/membership/genesis.ts";
import {
  boundaryToleranceMs,
  intervalAt,
  intervalEndMs,
  intervalStartMs,
} from "../../core/metering/interval.ts";
import type { UnixMs } from "../../core/units.ts";
import type { Actuator } from "../../ports/actuator.ts";
import type { ActuatorView, CurtailmentView } from "../../ports/agentView.ts";
import type { Cancel } from "../../ports/clock.ts";
import type { LastSample, MeteredMeter } from "../metering/meterReader.ts";
import {
  type Acknowledgements,
  type AcknowledgementsModules,
  acknowledgements,
  ownOrders,
} from "./acknowledgements.ts";
import { limitPermille, otherSideW, type SampledMeter, usedWh } from "./curtailmentBudget.ts";

/** An actuator, and what it limits. */
export type LimitedDevice = {
  readonly definition: string;
  readonly unitId: number;
  readonly limits: OrderKind;
  /** Power of what it limits, in W. */
  readonly ratedW: number;
  readonly actuator: Actuator;
};

/** What the service is made of. */
export type CurtailmentModules = Omit<AcknowledgementsModules, "hindrance"> & {
  readonly actuators: readonly LimitedDevice[];
  readonly meters: readonly MeteredMeter[];
  /** @returns what the metering read last, per meter */
  readonly lastSamples: () => readonly LastSample[];
};

/** Looks at meters and actuators per interval: at least, at most, and how far apart in ms. */
const LOOKS = { fewest: 4, most: 30, everyMs: 30_000 } as const;
/** What a device holds a limit beyond the interval, in s, so that it does not lift it a moment too early. */
const HOLD_MARGIN_S = 2;
const MAX_HOLD_S = 65_534;

/** Orders, acknowledgements and actuators of one gateway. */
export class CurtailmentService {
  readonly #modules: CurtailmentModules;
  readonly #acknowledgements: Acknowledgements;
  readonly #failures = new Map<LimitedDevice, string>();
  #cancel: Cancel = () => {};
  #stopListening: () => void = () => {};
  #isStopped = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(modules: CurtailmentModules) {
    this.#modules = modules;
    this.#acknowledgements = acknowledgements({ ...modules, hindrance: (kind) => this.#hindrance(kind) });
  }

  /** Acts on every commit, and at each look from now on. */
  start(): void {
    this.#stopListening = this.#modules.ledger.onCommit(() =>
      this.#inTurn(() => this.#acknowledgements.look()),
    );
    this.#schedule();
  }

  /** Puts back what was there, so that nothing stays limited by a gateway that does not run. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopListening();
    this.#cancel();
    await this.#turn;
    for (const device of this.#modules.actuators)
      if (device.actuator.hold() !== null) await this.#try(device, () => device.actuator.restore());
  }

  /** @returns the own orders whose intervals are not settled yet */
  orders(): readonly CurtailmentView[] {
    return this.#own().map((order): CurtailmentView => {
      const { interval, kind, acknowledged } = order;
      const reason = this.#acknowledgements.hindranceOf(order);
      return { interval, kind, maxWh: Number(maxOf(order)), acknowledged, reason };
    });
  }

  /** @returns the actuators, and what is known of them */
  devices(): readonly ActuatorView[] {
    return this.#modules.actuators.map((device): ActuatorView => {
      const { definition, unitId, limits, ratedW, actuator } = device;
      const isLimited = actuator.hold() !== null;
      return { definition, unitId, limits, ratedW, isLimited, reason: this.#failures.get(device) ?? null };
    });
  }

  get #genesis(): GenesisBody {
    return this.#modules.context.genesis;
  }

  #own(): readonly StandingOrder[] {
    return ownOrders(this.#modules);
  }

  /** Looks are spread over each interval; the last one prepares the next interval, the first ends the one before. */
  #schedule(): void {
    const { clock, actuators } = this.#modules;
    if (this.#isStopped || actuators.length === 0) return;
    const { intervalMs } = this.#genesis;
    const stepMs = intervalMs / looksPerInterval(intervalMs);
    const nowMs = clock.nowMs();
    const nextMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
    this.#cancel = clock.after(Math.ceil(nextMs - nowMs), () => {
      this.#inTurn(() => this.#look(clock.nowMs()));
      this.#schedule();
    });
  }

  /** One after another; whatever goes wrong is logged and ends nothing. */
  #inTurn(work: () => Promise<void>): void {
    const run = () => (this.#isStopped ? undefined : work());
    this.#turn = this.#turn
      .then(run)
      .catch((error: unknown) => this.#modules.logger.error("curtailment.failed", error));
  }

  /** @returns why this gateway cannot act on an order; null when an actuator answers */
  async #hindrance(kind: OrderKind): Promise<string | null> {
    const devices = this.#modules.actuators.filter(({ limits }) => limits === kind);
    if (devices.length === 0) return "no actuator";
    for (const device of devices) await this.#try(device, () => device.actuator.read());
    const failures = devices.map((device) => this.#failures.get(device) ?? null);
    return failures.includes(null) ? null : failures.join(", ");
  }

  async #look(nowMs: UnixMs): Promise<void> {
    await this.#acknowledgements.look();
    for (const device of this.#modules.actuators) {
      const { actuator } = device;
      const isDue = (actuator.hold()?.endsAtMs ?? Number.POSITIVE_INFINITY) <= nowMs;
      if (isDue) await this.#try(device, () => actuator.liftWhenDue(nowMs));
      await this.#act(device, nowMs);
    }
  }

  async #act(device: LimitedDevice, nowMs: UnixMs): Promise<void> {
    const { intervalMs } = this.#genesis;
    const { actuator, limits } = device;
    const present = intervalAt(nowMs, intervalMs);
    const place = (nowMs - intervalStartMs(present, intervalMs)) / intervalMs;
    const looks = looksPerInterval(intervalMs);
    const isFirst = place < 1 / looks;
    const isLast = place >= (looks - 1) / looks;
    const orderOf = (interval: number) =>
      this.#own().find((order) => order.kind === limits && order.interval === interval);
    const [now, next] = [orderOf(present), isLast ? orderOf(present + 1) : undefined];
    if (now === undefined && next === undefined) {
      if (actuator.hold() !== null) await this.#try(device, () => actuator.restore());
      return;
    }
    // The meters are being read for the boundary, and what was prepared before it holds.
    if (isFirst && actuator.hold() !== null) return;
    const sampled = await this.#sample();
    const permille = Math.min(
      now === undefined ? Number.POSITIVE_INFINITY : this.#permille(device, now, nowMs, sampled),
      next === undefined ? Number.POSITIVE_INFINITY : this.#permille(device, next, nowMs, sampled),
    );
    const endMs = intervalEndMs((next ?? now)?.interval ?? present, intervalMs);
    await this.#limit(device, permille, endMs);
  }

  async #limit(device: LimitedDevice, limitPermille: number, endMs: UnixMs): Promise<void> {
    const { clock, logger } = this.#modules;
    const { actuator, limits } = device;
    const isNew = actuator.hold() === null;
    const holdS = Math.min(
      MAX_HOLD_S,
      Math.max(1, Math.ceil((endMs - clock.nowMs()) / 1000) + HOLD_MARGIN_S),
    );
    const isDone = await this.#try(device, () => actuator.limit({ limitPermille, holdS }));
    if (isDone && isNew) logger.info("curtailment.acts", { order: limits, holdS });
    logger.debug("curtailment.limit", { order: limits, limitPermille, holdS });
  }

  #permille(
    { limits, ratedW }: LimitedDevice,
    order: StandingOrder,
    nowMs: UnixMs,
    sampled: readonly SampledMeter[] | null,
  ): number {
    const { intervalMs, timeLapse } = this.#genesis;
    const startMs = intervalStartMs(order.interval, intervalMs);
    const hasBegun = nowMs >= startMs;
    const start = hasBegun ? this.#boundary(startMs) : null;
    const used = start === null || sampled === null ? null : usedWh(limits, start, sampled);
    // Without a look at the meters the order is spread evenly, and nothing is counted on.
    const isSpread = !hasBegun || used === null;
    return limitPermille({
      leftWh: Number(maxOf(order)) - (isSpread ? 0 : used),
      leftMs: isSpread ? intervalMs : Math.max(1, startMs + intervalMs - nowMs),
      timeLapse,
      otherSideW: sampled === null ? 0 : otherSideW(limits, sampled),
      ratedW,
    });
  }

  /** The meters as they were read at a boundary; null when one was not. */
  #boundary(atMs: UnixMs): readonly SampledMeter[] | null {
    const { meters, lastSamples } = this.#modules;
    const toleranceMs = boundaryToleranceMs(this.#genesis.intervalMs);
    const samples = lastSamples().flatMap((last, index) => {
      const role = meters[index]?.role;
      if (role === undefined || last.kind !== "measured") return [];
      return Math.abs(last.sample.takenAtMs - atMs) <= toleranceMs ? [{ role, sample: last.sample }] : [];
    });
    return samples.length === meters.length ? samples : null;
  }

  async #sample(): Promise<readonly SampledMeter[] | null> {
    try {
      return await Promise.all(
        this.#modules.meters.map(async ({ role, meter }) => ({
          role,
          sample: await meter.sample("profile"),
        })),
      );
    } catch (error) {
      if (!isAgentError(error)) throw error;
      return null;
    }
  }

  /** @returns true when the actuator did it; why not is kept for the status, and logged when it is news */
  async #try(device: LimitedDevice, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      this.#failures.delete(device);
      return true;
    } catch (error) {
      if (!isAgentError(error)) throw error;
      const { definition, unitId } = device;
      if (this.#failures.get(device) !== error.code)
        this.#modules.logger.error("curtailment.actuator-failed", error, { definition, unitId });
      this.#failures.set(device, error.code);
      return false;
    }
  }
}

/** @param intervalMs length of an interval @returns how often meters and actuators are looked at in each */
export function looksPerInterval(intervalMs: number): number {
  return Math.min(LOOKS.most, Math.max(LOOKS.fewest, Math.floor(intervalMs / LOOKS.everyMs)));
}
