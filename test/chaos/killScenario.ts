/** Gateways are killed one after another, two at most at a time, and now and then all at once; then there is quiet. */
import type { ChaosRun } from "./chaosRun.ts";
import { type Outage, planOutages } from "./outages.ts";
import type { ChaosReport } from "./report.ts";

/** Quiet before the last look, in ms. */
const QUIET_MS = 30_000;

type Event = { readonly atMs: number; readonly kind: "kill" | "start"; readonly gateway: number | null };

/** @param run laid out @returns the report */
export async function runKills(run: ChaosRun): Promise<ChaosReport> {
  const { gateways, minutes, seed, downMost, allAtOnce } = run.options;
  const durationMs = Math.round(minutes * 60_000);
  const outages = planOutages({ gateways, durationMs, seed, downMost, allAtOnce });
  run.note(`${outages.length} outages planned from seed ${seed}`);
  await run.begin();
  const startedMs = performance.now();
  const waitUntil = (atMs: number) => run.pause(startedMs + atMs - performance.now());
  for (const event of eventsOf(outages)) {
    await waitUntil(event.atMs);
    run.signal.throwIfAborted();
    await perform(run, event);
  }
  await waitUntil(durationMs);
  run.note(`quiet for ${QUIET_MS / 1000} s`);
  run.street.startAll();
  await run.pause(QUIET_MS);
  run.signal.throwIfAborted();
  return run.end("kills", {}, []);
}

/** Kill and start of one outage are two events; whoever was to start with all of them is started once. */
function eventsOf(outages: readonly Outage[]): readonly Event[] {
  return outages
    .flatMap(({ atMs, upAtMs, gateway }): readonly Event[] => [
      { atMs, kind: "kill", gateway },
      { atMs: upAtMs, kind: "start", gateway },
    ])
    .sort((left, right) => left.atMs - right.atMs || rank(left) - rank(right));
}

/** At one instant a kill comes before the start it belongs to, and all are started before one that is up then. */
function rank({ kind, gateway }: Event): number {
  if (kind === "kill") return 0;
  return gateway === null ? 1 : 2;
}

async function perform(run: ChaosRun, { kind, gateway }: Event): Promise<void> {
  const { street } = run;
  const one = gateway === null ? null : (street.gateways[gateway] ?? null);
  if (kind === "kill") return run.kill(one);
  run.note(`start ${one === null ? "all" : one.name}`);
  if (one === null) street.startAll();
  else one.start();
}
