/** What both scenarios share: a street with a watch on it, what is measured on the way, and the checks at the end. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { pause } from "../../agent/cli/demoFollow.ts";
import { readGenesis } from "../../agent/core/membership/genesis.ts";
import { type Roster, rosterOf } from "../../agent/core/membership/roster.ts";
import type { StatusView } from "../../agent/ports/agentView.ts";
import type { ChaosStreet } from "./chaosStreet.ts";
import { CommitWatch, type ToldCommit, untilStatuses } from "./commitWatch.ts";
import { type Evidence, readEvidence } from "./evidence.ts";
import type { GatewayProcess, UnaskedEnd } from "./gatewayProcess.ts";
import { chainFaults, longestChain, readingFaults, takenBack, unsettledReadings } from "./judgeEvidence.ts";
import { IN_TIME_INTERVALS, type IntervalFigures, intervalFigures } from "./judgeIntervals.ts";
import { complaints } from "./logSummary.ts";
import type { ChaosOptions } from "./options.ts";
import { type ProcessFigures, processFigures } from "./processFigures.ts";
import { edso } from "./program.ts";
import { type ChaosReport, type Check, faultCheck, type GatewayFigures } from "./report.ts";

/** How long the gateways may take to answer after their first start, in ms each. */
const START_LIMIT_MS = 20_000;
/** A gateway that ends without being asked is started again after this pause in ms, so many times. */
const RESCUE = { pauseMs: 1_000, most: 5 } as const;
/** Least share of intervals committed in time. @source requirement */
const IN_TIME_SHARE = 0.8;
/** What a process may hold more at the end than at the beginning. */
const GROWTH = { residentMiB: 150, descriptors: 32 } as const;

/** Owns one street from its first start to its last check. */
export class ChaosRun {
  readonly options: ChaosOptions;
  readonly signal: AbortSignal;
  readonly street: ChaosStreet;
  readonly watch: CommitWatch;
  readonly #note: (text: string) => void;
  readonly #unaskedEnds: UnaskedEnd[] = [];
  readonly #startedMs = performance.now();
  #begin: readonly (ProcessFigures | null)[] = [];
  #counts = { kills: 0, killsOfAll: 0 };
  #toldHeight: number;
  #isEnding = false;

  /** @param options of the run @param street laid out @param signal ends it early @param note takes a line of progress */
  constructor(options: ChaosOptions, street: ChaosStreet, signal: AbortSignal, note: (text: string) => void) {
    this.options = options;
    this.street = street;
    this.signal = signal;
    this.#note = note;
    street.onUnaskedEnd = (end) => this.#onUnaskedEnd(end);
    const known = street.history?.heights ?? new Map<string, number>();
    this.#toldHeight = Math.max(0, ...known.values());
    this.watch = new CommitWatch(street.gateways, (commit) => this.#noteNew(commit), known);
  }

  get intervalMs(): number {
    return this.options.intervalSeconds * 1000;
  }

  /** @param text one line of progress */
  note(text: string): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(1);
    this.#note(`${seconds.padStart(6)} s  ${text}`);
  }

  /**
   * Starts the street and waits until it has a block.
   *
   * @param gateways who is started; by default all
   * @throws Error when it does not
   */
  async begin(gateways: readonly GatewayProcess[] = this.street.gateways): Promise<void> {
    this.note(`data in ${this.street.laidOut.dataDir}`);
    for (const gateway of gateways) gateway.start();
    this.watch.start();
    const limitMs = gateways.length * START_LIMIT_MS + 5 * this.intervalMs;
    const up = await untilStatuses(
      gateways,
      (statuses) =>
        this.#unaskedEnds.length > 0 || statuses.every((status) => (status?.ledger.height ?? 0) > 0),
      limitMs,
      this.signal,
    );
    this.signal.throwIfAborted();
    const [first] = this.#unaskedEnds;
    if (first !== undefined) throw new Error(`${first.name} ended before the street was up`);
    if (up.afterMs === null) throw new Error(`the street did not commit within ${limitMs} ms`);
    this.noteFigures();
    this.note("the street is up");
  }

  /** Notes what the processes hold of which that is not known yet. */
  noteFigures(): void {
    this.#begin = this.street.gateways.map(({ pid }, index) => this.#begin[index] ?? processFigures(pid));
  }

  /** @param gateway killed without warning; null for all */
  async kill(gateway: GatewayProcess | null): Promise<void> {
    this.note(`kill -9 ${gateway === null ? "all" : gateway.name}`);
    this.#counts.kills += gateway === null ? this.street.gateways.length : 1;
    this.#counts.killsOfAll += gateway === null ? 1 : 0;
    await (gateway === null ? this.street.killAll() : gateway.kill());
  }

  /** @param durationMs to wait, unless the run is ended */
  pause(durationMs: number): Promise<void> {
    return pause(Math.max(0, durationMs), this.signal);
  }

  /**
   * Looks at the running street, stops it, and judges what it left.
   *
   * @param scenario for the report
   * @param times measured on the way
   * @param more checks made on the way
   * @returns the report
   */
  async end(
    scenario: ChaosReport["scenario"],
    times: Readonly<Record<string, number | null>>,
    more: readonly Check[],
  ): Promise<ChaosReport> {
    const { gateways, laidOut } = this.street;
    const live = await this.#liveChecks();
    const processes = this.#processes();
    const untilMs = Date.now();
    this.#isEnding = true;
    this.watch.stop();
    const unruly = await this.street.stopAll();
    const stopped = faultCheck("every gateway stops in order", unruly, "by SIGTERM, exit code 0");
    const evidence = await Promise.all(
      gateways.map(({ name, place }) => readEvidence(name, place.directory)),
    );
    const intervals = this.#intervals(evidence, untilMs);
    const checks = [
      ...(scenario === "kills" ? [inTimeCheck(intervals)] : []),
      ...more,
      ...live,
      ...(await this.#evidenceChecks(evidence)),
      this.#survivalCheck(),
      growthCheck(processes),
      stopped,
      ...(await this.#verifyChecks()),
    ];
    const passed = checks.filter((check) => check.passed).length;
    const chain = longestChain(evidence);
    return {
      schema: "edso.chaos/1",
      scenario,
      gateways: gateways.length,
      seed: this.options.seed,
      intervalSeconds: this.options.intervalSeconds,
      runSeconds: Math.round((performance.now() - this.#startedMs) / 1000),
      dataDir: laidOut.dataDir,
      ...this.#counts,
      restarts: this.#restarts(),
      blocks: chain.length,
      readingsInBlocks: chain.reduce((sum, { readings }) => sum + readings.length, 0),
      readingsPossible: chain.reduce((sum, { from, to }) => sum + (to - from + 1) * gateways.length, 0),
      intervals,
      unsettled: unsettledReadings(evidence),
      timesMs: times,
      processes,
      complaints: complaints(gateways.map(({ name, place }) => ({ name, directory: place.directory }))),
      checks,
      passed,
      failed: checks.length - passed,
    };
  }

  #restarts(): number {
    return this.street.gateways.reduce((sum, { starts }) => sum + starts - 1, 0);
  }

  async #liveChecks(): Promise<readonly Check[]> {
    const { gateways } = this.street;
    const limitMs = 2 * IN_TIME_INTERVALS * this.intervalMs;
    const { afterMs, statuses } = await untilStatuses(gateways, haveOneHead, limitMs, this.signal);
    const heads = statuses.map((status, index) => {
      const name = gateways[index]?.name;
      return status === null
        ? `${name} silent`
        : `${name} ${status.ledger.height} ${status.ledger.head.slice(0, 8)}`;
    });
    const silent = statuses.flatMap((status, index) =>
      status?.participation === "voter"
        ? []
        : [`${gateways[index]?.name}: ${status?.observesBecause ?? "does not answer"}`],
    );
    return [
      { name: "all heads are equal", passed: afterMs !== null, detail: heads.join(", ") },
      faultCheck("every gateway votes", silent, `all ${gateways.length}`),
    ];
  }

  async #evidenceChecks(evidence: readonly Evidence[]): Promise<readonly Check[]> {
    const roster = await this.roster();
    const memberOf = new Map(roster.members.map(({ id, name }) => [name, id]));
    const heights = evidence.map(({ chain }) => chain.length);
    const blocks = `${Math.min(...heights)} common heights, ${Math.max(...heights)} the highest`;
    const { told } = this.watch;
    const readings = evidence.reduce((sum, { outbox }) => sum + outbox.readings.length, 0);
    return [
      faultCheck("one chain", chainFaults(evidence), blocks),
      faultCheck("no block is taken back", takenBack(evidence, told), `${told.length} commits told`),
      faultCheck("no reading is lost or doubled", readingFaults(evidence, memberOf), `${readings} signed`),
    ];
  }

  /** @returns who takes part */
  async roster(): Promise<Roster> {
    const [first] = this.street.gateways;
    const encoded = await readFile(join(first?.place.directory ?? "", "genesis.cbor"));
    const genesis = readGenesis(encoded, nodeVerifier().verify);
    if (genesis.kind !== "accept") throw new Error(`the genesis is refused: ${genesis.code}`);
    return rosterOf(genesis.value.body);
  }

  #intervals(evidence: readonly Evidence[], untilMs: number): IntervalFigures {
    const heardAtMs = new Map<number, number>();
    for (const { height, heardAtMs: at } of this.watch.told)
      if (!heardAtMs.has(height)) heardAtMs.set(height, at);
    const { laidOut, history } = this.street;
    const firstInterval = history?.nextInterval ?? laidOut.firstInterval;
    const chain = longestChain(evidence);
    return intervalFigures({ chain, heardAtMs, intervalMs: this.intervalMs, firstInterval, untilMs });
  }

  #noteNew({ gateway, height }: ToldCommit): void {
    if (height <= this.#toldHeight) return;
    this.#toldHeight = height;
    this.note(`block ${height}, first told by ${gateway}`);
  }

  #processes(): readonly GatewayFigures[] {
    return this.street.gateways.map(({ name, starts, pid, startedAtMs }, index) => ({
      name,
      starts,
      begin: this.#begin[index] ?? null,
      end: processFigures(pid),
      endAgeSeconds: Math.round((Date.now() - startedAtMs) / 1000),
    }));
  }

  #survivalCheck(): Check {
    const faults = this.#unaskedEnds.map(
      ({ name, exitCode, signal, livedMs, tail }) =>
        `${name} ended by itself after ${livedMs} ms (${signal ?? `exit code ${exitCode}`}): ${tail.at(-1) ?? "silent"}`,
    );
    return faultCheck("every restart is survived", faults, `${this.#restarts()} restarts`);
  }

  async #verifyChecks(): Promise<readonly Check[]> {
    const checks: Check[] = [];
    for (const { name, place } of this.street.gateways) {
      const { code, output } = await edso("ledger", "verify", "--data", place.directory);
      checks.push({
        name: `edso ledger verify, ${name}`,
        passed: code === 0,
        detail: output.split("\n")[0] ?? "",
      });
    }
    return checks;
  }

  /** As a service manager would, so that one fault does not hide the next; the end itself stays a fault. */
  #onUnaskedEnd(end: UnaskedEnd): void {
    this.#unaskedEnds.push(end);
    this.note(
      `${end.name} ended by itself: ${end.signal ?? `exit code ${end.exitCode}`}\n${end.tail.join("\n")}`,
    );
    if (this.#unaskedEnds.length > RESCUE.most * this.street.gateways.length) return;
    const gateway = this.street.gateways.find(({ name }) => name === end.name);
    void this.pause(RESCUE.pauseMs).then(() => {
      if (!this.#isEnding && !this.signal.aborted) gateway?.start();
    });
  }
}

function haveOneHead(statuses: readonly (StatusView | null)[]): boolean {
  const heads = new Set(statuses.map((status) => status?.ledger.head ?? null));
  return heads.size === 1 && !heads.has(null);
}

function inTimeCheck({ judged, inTime }: IntervalFigures): Check {
  const share = judged === 0 ? 0 : inTime / judged;
  return {
    name: `intervals committed within ${IN_TIME_INTERVALS} intervals`,
    passed: share >= IN_TIME_SHARE,
    detail: `${inTime} of ${judged}, ${(share * 100).toFixed(1)} % (at least ${IN_TIME_SHARE * 100} %)`,
  };
}

function growthCheck(processes: readonly GatewayFigures[]): Check {
  const grown = processes.flatMap(({ name, begin, end }) => {
    if (begin === null || end === null) return [`${name} could not be measured`];
    const hasGrown =
      end.residentMiB > begin.residentMiB + GROWTH.residentMiB ||
      end.descriptors > begin.descriptors + GROWTH.descriptors;
    return hasGrown
      ? [`${name} ${begin.residentMiB} → ${end.residentMiB} MiB, ${begin.descriptors} → ${end.descriptors}`]
      : [];
  });
  const most = (of: (figures: ProcessFigures) => number) =>
    Math.max(...processes.flatMap(({ end }) => (end === null ? [] : [of(end)])));
  const whenNone = `at most ${most((end) => end.residentMiB)} MiB and ${most((end) => end.descriptors)} descriptors at the end`;
  return faultCheck("memory and descriptors stay", grown, whenNone);
}
