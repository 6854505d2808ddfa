/**
 * A street that has run for a month, and a gateway that was away for all of it but three blocks: started at the same
 * instant as the others behind one address, or alone beside them.
 */
import type { ChaosRun } from "./chaosRun.ts";
import type { GatewayProcess } from "./gatewayProcess.ts";
import type { ChaosReport } from "./report.ts";
import { checksOf, measure, type Times } from "./times.ts";
import { hasVoted } from "./votedIn.ts";

/** Longest wait in ms for what is measured: thousands of blocks are recomputed. */
const MONTH_LIMIT_MS = 1_200_000;
/** Blocks that the others build before the one that was away is started alone. */
const BLOCKS_BEFORE_ALONE = 3;
/** Quiet before the last look, in ms. */
const QUIET_MS = 10_000;

/** @param run laid out with a history, nothing started @returns the report */
export async function runMonth(run: ChaosRun): Promise<ChaosReport> {
  const { gateways } = run.street;
  const away = gateways.at(-1);
  if (away === undefined) throw new Error("the street is empty");
  const times: Times = {};
  const others = gateways.filter((gateway) => gateway !== away);
  const blocks = run.watch.highest() - run.watch.heightOf(away.name);
  run.note(`${blocks} blocks behind: ${away.name}`);
  if (run.options.isAwayAlone) {
    await startAndAgree(run, times, others, others);
    const enough = run.watch.highest() + BLOCKS_BEFORE_ALONE;
    await measure(run, times, "three more blocks", performance.now(), () => run.watch.highest() >= enough);
    const startedMs = performance.now();
    run.note(`start ${away.name} alone`);
    away.start();
    await comeBack(run, times, away, startedMs);
  } else {
    const startedMs = performance.now();
    await Promise.all([startAndAgree(run, times, gateways, others), comeBack(run, times, away, startedMs)]);
  }
  run.noteFigures();
  await run.pause(QUIET_MS);
  run.signal.throwIfAborted();
  return run.end("month", times, checksOf(times));
}

/** All are started at the same instant: until anyone has a new block, and until those that had the month have it. */
async function startAndAgree(
  run: ChaosRun,
  times: Times,
  started: readonly GatewayProcess[],
  others: readonly GatewayProcess[],
): Promise<void> {
  const before = run.watch.highest();
  run.note(`start ${started.length} at the same instant`);
  const startedMs = performance.now();
  const hasNew = ({ name }: GatewayProcess) => run.watch.heightOf(name) > before;
  const agreed = async () => {
    await measure(run, times, "first new block", startedMs, () => others.some(hasNew));
    await measure(run, times, `the same new block on ${others.length}`, startedMs, () =>
      others.every(hasNew),
    );
  };
  await Promise.all([run.begin(started), agreed()]);
}

/** Until the one that was away has every block, and until it counts again. */
async function comeBack(run: ChaosRun, times: Times, away: GatewayProcess, startedMs: number): Promise<void> {
  const { watch } = run;
  const had = watch.heightOf(away.name);
  const wait = (what: string, holds: () => boolean | Promise<boolean>) =>
    measure(run, times, `${what}, ${away.name}`, startedMs, holds, MONTH_LIMIT_MS);
  await wait("first block fetched", () => watch.heightOf(away.name) > had);
  await wait("caught up", () => watch.heightOf(away.name) >= watch.highest());
  const caughtUpAt = watch.heightOf(away.name);
  await wait("its vote in a certificate", () => hasVoted(run, away, caughtUpAt));
}
