/** A street that comes back as a whole, and a gateway that comes back alone after many blocks: how long it takes. */
import type { ChaosRun } from "./chaosRun.ts";
import type { GatewayProcess } from "./gatewayProcess.ts";
import type { ChaosReport } from "./report.ts";
import { checksOf, elapsed, LIMIT_MS, measure, type Times } from "./times.ts";
import { hasVoted } from "./votedIn.ts";

/** Blocks before the first interruption. */
const FIRST_BLOCKS = 3;
/** Quiet before the last look, in ms. */
const QUIET_MS = 10_000;

/** @param run laid out @returns the report */
export async function runTogether(run: ChaosRun): Promise<ChaosReport> {
  const times: Times = {};
  await run.begin();
  await reach(run, FIRST_BLOCKS, LIMIT_MS);
  await run.street.stopAll();
  await comeBack(run, "after an orderly stop", times);
  await run.kill(null);
  await comeBack(run, "after kill -9 of all", times);
  await loseOneAlone(run, times);
  await loseOneWithAll(run, times);
  await run.pause(QUIET_MS);
  run.signal.throwIfAborted();
  return run.end("restart-together", times, checksOf(times));
}

/** All are started at the same instant: until anyone has a new block, and until everyone has it. */
async function comeBack(run: ChaosRun, when: string, times: Times): Promise<void> {
  const before = run.watch.highest();
  run.note(`start all at the same instant, ${when}`);
  const startedMs = performance.now();
  run.street.startAll();
  const { gateways } = run.street;
  await measure(run, times, `first block, ${when}`, startedMs, () => run.watch.highest() > before);
  await measure(run, times, `the same block everywhere, ${when}`, startedMs, () =>
    gateways.every(({ name }) => run.watch.heightOf(name) > before),
  );
}

async function loseOneAlone(run: ChaosRun, times: Times): Promise<void> {
  const away = await loseOne(run);
  const startedMs = performance.now();
  run.note(`start ${away.name} alone, ${run.watch.highest() - run.watch.heightOf(away.name)} blocks behind`);
  away.start();
  const isCaughtUp = () => run.watch.heightOf(away.name) >= run.watch.highest();
  await measure(run, times, "caught up, one alone", startedMs, isCaughtUp);
  const caughtUpAt = run.watch.heightOf(away.name);
  await measure(run, times, "its vote in a certificate, one alone", startedMs, () =>
    hasVoted(run, away, caughtUpAt),
  );
}

async function loseOneWithAll(run: ChaosRun, times: Times): Promise<void> {
  const away = await loseOne(run);
  const behind = run.watch.highest() - run.watch.heightOf(away.name);
  await run.street.stopAll();
  await comeBack(run, `${behind} blocks behind for ${away.name}`, times);
}

/** @returns the gateway that was killed, once the others are many blocks ahead */
async function loseOne(run: ChaosRun): Promise<GatewayProcess> {
  const { gateways } = run.street;
  const away = gateways.at(-1);
  if (away === undefined) throw new Error("the street is empty");
  await run.kill(away);
  const { blocksAway } = run.options;
  const limitMs = LIMIT_MS + 3 * blocksAway * run.intervalMs;
  await reach(run, run.watch.heightOf(away.name) + blocksAway, limitMs);
  return away;
}

async function reach(run: ChaosRun, height: number, limitMs: number): Promise<void> {
  const afterMs = await elapsed(run, performance.now(), () => run.watch.highest() >= height, limitMs);
  if (afterMs === null)
    run.note(`height ${height} was not reached within ${limitMs} ms: ${run.watch.highest()}`);
}
