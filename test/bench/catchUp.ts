/**
 * How long a gateway with an empty disk takes to a chain of a month of quarters of an hour: block by block, and by a
 * snapshot. Real services, signatures and LevelDB; the gateways are in one process, without a network between them.
 *
 *     npx tsx test/bench/catchUp.ts [blocks] [gateways]
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { publicKeyOf, signMessage } from "../../agent/core/signature.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import { Agent } from "../../agent/services/agent.ts";
import { memberOfKey } from "../../agent/services/enrolledAs.ts";
import { BLOCKS_BEFORE_SNAPSHOT } from "../../agent/services/exchange/sync.ts";
import { counterMeter } from "../support/counterMeter.ts";
import { eventLog } from "../support/eventLog.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { liveClock } from "../support/liveClock.ts";
import { longChain } from "../support/longChain.ts";
import { memoryFrames } from "../support/memoryFrames.ts";
import { emptyOutboxDisk, memoryOutbox } from "../support/memoryOutbox.ts";
import { memoryStore, type StoreDisk } from "../support/memoryStore.ts";
import { MemoryStreet, secretKeyOf } from "../support/memoryStreet.ts";
import { MemoryHub } from "../support/memoryTransport.ts";
import { memoryVoteJournal } from "../support/memoryVoteJournal.ts";
import { until } from "../support/until.ts";

const MONTH_OF_QUARTERS = 31 * 96;
const LIMIT_MS = 1_800_000;

const blocks = Number(process.argv[2] ?? MONTH_OF_QUARTERS);
const gateways = Number(process.argv[3] ?? 4);
const street = new MemoryStreet({ gateways });
const { context } = street;
const names = street.gateways.map(({ name }) => name);

function agentOf(
  hub: MemoryHub,
  clock: Clock,
  name: string,
  store: LedgerStore,
  blocksBeforeSnapshot: number,
) {
  const log = eventLog();
  const secretKey = secretKeyOf(name);
  const meter = counterMeter(new FakeClock(), "generation");
  const onFault = (error: unknown) => {
    throw error;
  };
  const agent = new Agent({
    version: "0.0.0",
    context,
    self: memberOfKey(context, publicKeyOf(secretKey)),
    meters: [{ role: "generation", definition: "counter", unitId: 1, meter }],
    clock,
    signer: { publicKey: publicKeyOf(secretKey), sign: async (message) => signMessage(secretKey, message) },
    voteJournal: memoryVoteJournal(),
    // Started before without its votes: it only follows, so that nothing but the catch-up goes on.
    outbox: memoryOutbox({ ...emptyOutboxDisk(), boot: 1 }),
    transactionOutbox: memoryOutbox(),
    store,
    ledgersSetAside: 0,
    frames: memoryFrames(),
    disk: { look: async () => ({ freeBytes: 1e12, isWritable: true }), makeRoom: async () => 0 },
    failedLives: 0,
    transport: hub.join({ peerId: name, roster: names.filter((other) => other !== name), onFault }),
    random: Math.random,
    actuators: [],
    drawNonce: () => new Uint8Array(32),
    logger: log,
    blocksBeforeSnapshot,
    onFault,
    onRenew: () => {},
  });
  return { agent, log };
}

async function measure(disk: StoreDisk, blocksBeforeSnapshot: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "edso-bench-"));
  const clock = liveClock;
  const hub = new MemoryHub(clock);
  const givers = names.slice(0, 3).map((name) => agentOf(hub, clock, name, memoryStore(disk), 1e9));
  const store = await openStore(directory);
  const taker = agentOf(hub, clock, names.at(-1) ?? "", store, blocksBeforeSnapshot);
  for (const { agent } of givers) await agent.start();
  const fromMs = performance.now();
  const cpuFrom = process.cpuUsage();
  await taker.agent.start();
  let head = 0;
  const look = setInterval(() => void store.head().then((at) => (head = at?.height ?? 0)), 10);
  await until("caught up", () => head >= blocks, LIMIT_MS);
  const tookMs = performance.now() - fromMs;
  clearInterval(look);
  const { user, system } = process.cpuUsage(cpuFrom);
  const snapshot = taker.log.events.find(({ event }) => event === "sync.snapshot-adopted");
  for (const { agent } of [taker, ...givers]) await agent.stop();
  await store.close();
  const reopened = performance.now();
  const again = await openStore(directory);
  const { openChain } = await import("../../agent/services/ledger/ledgerOpening.ts");
  const opened = await openChain({ context, store: again });
  const openMs = performance.now() - reopened;
  const wasSound = again.isSound;
  await again.close();
  await rm(directory, { recursive: true });
  return [
    `${(tookMs / 1000).toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU`,
    snapshot === undefined
      ? ""
      : `, snapshot of ${snapshot.fields.height} after ${snapshot.fields.durationMs} ms`,
    `; opened again in ${Math.round(openMs)} ms (sound: ${wasSound}, ${opened.recomputed} recomputed)`,
  ].join("");
}

const did = Object.fromEntries(names.map((name, index) => [name, [index * 100, 150] as const]));
const disk = { ...longChain(street, blocks, did), isSound: true };
const bytes = disk.blocks.reduce((sum, one) => sum + one.block.length + one.certificate.length, 0);
console.log(
  `${blocks} blocks of ${gateways} gateways, ${Math.round(bytes / blocks)} B each with certificate`,
);
console.log(`by blocks:    ${await measure(disk, BLOCKS_BEFORE_SNAPSHOT)}`);
console.log(`by snapshot:  ${await measure(disk, 1)}`);
