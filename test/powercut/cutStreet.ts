/**
 * One street from its first start to its last cut: the power is cut again and again while it runs, each time every
 * gateway on the image is judged, and now and then the street itself goes on from an image, as after a real cut.
 */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "../../agent/cli/demoFollow.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { Acknowledged, type Told } from "./acknowledged.ts";
import type { CheckOrder, CheckReport } from "./checker.ts";
import type { Checker, Checkers } from "./checkerProcess.ts";
import { Onlooker, type OnlookerKeys, onlookerKeys } from "./onlooker.ts";
import { PowercutStreet } from "./powercutStreet.ts";
import { type MadeCut, RecordedDevice } from "./recordedDevice.ts";
import { CUT_MODELS, type CutModel } from "./recordedDisk.ts";

/** Cuts after which the street itself starts again from an image. */
const CUTS_PER_LIFE = 20;
/** Events of the disk before a cut, at most: more than one interval's worth, so that no moment of one is left out. */
const MOST_EVENTS = 70;
/** An idle disk is cut after this, in ms: longer than an interval. */
const IDLE_MS = 2_500;
/** How long a street may take until every gateway has told a new block after a start, in ms. */
const UP_LIMIT_MS = 90_000;
const POLL_MS = 50;

/** What one street went through. */
export type StreetResult = {
  readonly cuts: number;
  readonly cutsByModel: Readonly<Record<CutModel, number>>;
  /** Cuts that met writes which no flush had covered. */
  readonly cutsInFlight: number;
  /** Starts of the street from an image, as real processes. */
  readonly restarts: number;
  /** Things told before a cut and looked for after it, over all cuts. */
  readonly looked: Readonly<Record<Told["kind"], number>>;
  readonly checkMs: number;
  readonly faults: readonly string[];
};

/** What a street is run with. */
export type StreetSpec = {
  readonly seed: number;
  readonly cuts: number;
  readonly program: string;
  /** In memory where there is room. */
  readonly directory: string;
  readonly checkers: Checkers;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
};

/** @param spec of the run @returns what it went through; it ends early at the first cut with a fault */
export async function cutStreet(spec: StreetSpec): Promise<StreetResult> {
  const run = new StreetRun(spec);
  try {
    await run.layOut();
    await run.cutAll();
    return run.result();
  } finally {
    await run.close();
  }
}

/** An image, and what had been told before it was taken. */
type TakenCut = {
  readonly index: number;
  readonly model: CutModel;
  readonly cut: MadeCut;
  readonly told: readonly Told[];
  readonly imagePath: string;
};

class StreetRun {
  readonly #spec: StreetSpec;
  readonly #draw: () => number;
  readonly #told = new Acknowledged();
  readonly #faults: string[] = [];
  readonly #looked = { vote: 0, reading: 0, transaction: 0, block: 0 };
  readonly #byModel = Object.fromEntries(CUT_MODELS.map((model) => [model, 0])) as Record<CutModel, number>;
  #counts = { cuts: 0, cutsInFlight: 0, restarts: 0, checkMs: 0 };
  #device: RecordedDevice | null = null;
  #street: PowercutStreet | null = null;
  #onlooker: Onlooker | null = null;
  #keys: OnlookerKeys | null = null;
  readonly #checking = new Set<Promise<void>>();
  #heightsAtStart: ReadonlyMap<string, number> = new Map();
  #startedMs = 0;

  constructor(spec: StreetSpec) {
    this.#spec = spec;
    this.#draw = seededRandom(spec.seed, 8);
  }

  async layOut(): Promise<void> {
    const { directory, seed, program } = this.#spec;
    await mkdir(directory, { recursive: true });
    this.#device = await RecordedDevice.start(directory, null, seed);
    const dataDir = join(this.#device.mountPoint, "street");
    this.#street = await PowercutStreet.layOut({
      dataDir,
      logs: join(directory, "logs"),
      seed: String(seed),
      command: () => [process.execPath, program],
    });
    this.#keys = await onlookerKeys(this.#street.onlooker);
  }

  async cutAll(): Promise<void> {
    await this.#begin();
    for (let index = 1; index <= this.#spec.cuts && this.#faults.length === 0; index += 1) {
      this.#spec.signal.throwIfAborted();
      const goesOn = index % CUTS_PER_LIFE === 0 && index < this.#spec.cuts;
      if (goesOn) await this.#untilUp();
      await this.#cutOnce(index, goesOn);
      this.#faults.push(...this.#told.contradictions, ...(this.#street?.ends() ?? []));
    }
    await Promise.all(this.#checking);
    if (this.#faults.length === 0) await this.#untilUp();
  }

  result(): StreetResult {
    return { ...this.#counts, cutsByModel: this.#byModel, looked: this.#looked, faults: this.#faults };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#checking);
    await this.#onlooker?.stop();
    await this.#street?.close();
    await this.#device?.stop();
    if (this.#faults.length === 0) await rm(this.#spec.directory, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    if (this.#street === null || this.#keys === null) throw new Error("the street is not laid out");
    this.#heightsAtStart = new Map(
      this.#street.gateways.map(({ member }) => [member, this.#told.heightOf(member)]),
    );
    this.#startedMs = performance.now();
    this.#street.start();
    this.#onlooker = new Onlooker(this.#street, this.#keys, this.#told);
    await this.#onlooker.start();
  }

  /** The next cut is made while earlier ones are looked at. */
  async #cutOnce(index: number, goesOn: boolean): Promise<void> {
    const model = CUT_MODELS[Math.floor(this.#draw() * CUT_MODELS.length)] ?? "kept";
    const afterEvents = 1 + Math.floor(this.#draw() * MOST_EVENTS);
    const seed = Math.floor(this.#draw() * 2 ** 31);
    const imagePath = join(this.#spec.directory, `cut-${index}.img`);
    if (this.#device === null) throw new Error("there is no device");
    const cut = await this.#device.cut({ afterEvents, latestMs: IDLE_MS, model, seed, imagePath });
    const nextPath = join(this.#spec.directory, "next.img");
    if (goesOn) {
      await this.#stopStreet();
      await copyFile(imagePath, nextPath);
    }
    const told = this.#told.before(BigInt(cut.atNs));
    const checker = await this.#spec.checkers.free();
    const checking = this.#check({ index, model, cut, told, imagePath }, checker)
      .catch((error: unknown) => void this.#faults.push(`cut ${index} cannot be looked at: ${error}`))
      .finally(() => this.#checking.delete(checking));
    this.#checking.add(checking);
    if (!goesOn) return;
    await Promise.all(this.#checking);
    if (this.#faults.length === 0) await this.#goOn(BigInt(cut.atNs), nextPath);
  }

  async #check({ index, model, cut, told, imagePath }: TakenCut, checker: Checker): Promise<void> {
    const gateways = (this.#street?.gateways ?? []).map(({ place, member }) => {
      const own = toldBy(told, member);
      for (const { kind } of own) this.#looked[kind] += 1;
      return { name: place.household.name, member, told: own };
    });
    const mountPoint = imagePath.replace(/\.img$/, "");
    const order: CheckOrder = { imagePath, mountPoint, gateways };
    const report: CheckReport = await checker
      .check(order)
      .finally(() => this.#spec.checkers.release(checker));
    this.#counts.cuts += 1;
    this.#counts.cutsInFlight += cut.unflushedWrites > 0 ? 1 : 0;
    this.#counts.checkMs += report.tookMs;
    this.#byModel[model] += 1;
    const where = `cut ${index} of seed ${this.#spec.seed} (${model}, at ${cut.at})`;
    this.#faults.push(...report.faults.map((fault) => `${where}: ${fault}`));
    const { unflushedWrites, keptSectors, unflushedSectors } = cut;
    const heights = gateways.map(({ member }) => this.#told.heightOf(member)).join(" ");
    this.#spec.note(
      `${where}: ${unflushedWrites} unflushed writes, kept ${keptSectors} of ${unflushedSectors} sectors; heights ${heights}; ${Math.round(report.tookMs)} ms`,
    );
  }

  async #stopStreet(): Promise<void> {
    await this.#street?.kill();
    await this.#onlooker?.stop();
    this.#onlooker = null;
  }

  /** The street starts again from the image; what it told after the cut has not happened. */
  async #goOn(atNs: bigint, imagePath: string): Promise<void> {
    this.#told.forgetAfter(atNs);
    await this.#device?.stop();
    this.#device = await RecordedDevice.start(this.#spec.directory, imagePath, this.#spec.seed);
    await this.#begin();
    this.#counts.restarts += 1;
  }

  /** Every gateway has told a new block since the last start, or the street is at fault. */
  async #untilUp(): Promise<void> {
    const isUp = () =>
      [...this.#heightsAtStart].every(([member, height]) => this.#told.heightOf(member) > height);
    while (!isUp()) {
      if (performance.now() - this.#startedMs > UP_LIMIT_MS) {
        this.#faults.push(
          `the street did not commit within ${UP_LIMIT_MS} ms of start ${this.#counts.restarts + 1}`,
        );
        return;
      }
      await pause(POLL_MS, this.#spec.signal);
    }
  }
}

/** Votes of lower heights are closed by the block above them. */
function toldBy(told: readonly Told[], member: string): readonly Told[] {
  const own = told.filter((one) => one.member === member);
  const heights = own.map((one) => (one.kind === "vote" ? one.height : 0));
  const lowest = Math.max(0, ...heights) - 1;
  return own.filter((one) => one.kind !== "vote" || one.height >= lowest);
}
