import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { peerIdOf } from "../../../../agent/adapters/transport/peerId.ts";
import { freePorts } from "../../../support/freePorts.ts";
import type { ChildPlan, ChildReport } from "../../../support/transportChild.ts";
import { seedOf } from "../../../support/transportStreet.ts";
import { until } from "../../../support/until.ts";

const CHILD = fileURLToPath(new URL("../../../support/transportChild.ts", import.meta.url));

const test = suite("two processes");

/** Starts as many processes as there are seeds, each with the others in its roster. */
async function startProcesses(seeds: readonly number[]): Promise<readonly Gateway[]> {
  const ports = await freePorts(seeds.length);
  const seats = seeds.map((seed, index) => ({
    seed,
    peerId: peerIdOf(seedOf(seed)),
    address: `/ip4/127.0.0.1/tcp/${ports[index]}`,
  }));
  return seats.map(({ seed, peerId, address }) => {
    const roster = seats
      .filter((other) => other.seed !== seed)
      .map((other) => ({ peerId: other.peerId, addresses: [other.address] }));
    const plan: ChildPlan = { seed, listen: address, roster };
    const child = fork(CHILD, [JSON.stringify(plan)], { execArgv: ["--import", "tsx"] });
    const reports: ChildReport[] = [];
    child.on("message", (report: ChildReport) => reports.push(report));
    return { peerId, child, reports };
  });
}

type Gateway = { readonly peerId: string; readonly child: ChildProcess; readonly reports: ChildReport[] };

async function end({ child }: Gateway): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exit = once(child, "exit");
  child.disconnect();
  await exit;
  return child.exitCode;
}

function said(gateway: Gateway, expected: ChildReport): boolean {
  return gateway.reports.some((report) => JSON.stringify(report) === JSON.stringify(expected));
}

test("what one publishes is delivered to the other, both ways, and both end by themselves", async () => {
  const gateways = await startProcesses([1, 2]);
  const [left, right] = gateways as [Gateway, Gateway];
  try {
    await until("both are connected", () =>
      gateways.every((gateway) => said(gateway, { kind: "connected" })),
    );
    left.child.send("from left");
    right.child.send("from right");
    await until("right hears left", () =>
      said(right, { kind: "heard", text: "from left", peerId: left.peerId }),
    );
    await until("left hears right", () =>
      said(left, { kind: "heard", text: "from right", peerId: right.peerId }),
    );
    assert.ok(said(left, { kind: "published", text: "from left", recipients: 1 }));
    assert.ok(said(right, { kind: "published", text: "from right", recipients: 1 }));
    assert.equal(await Promise.all(gateways.map(end)), [0, 0]);
  } finally {
    for (const { child } of gateways) child.kill("SIGKILL");
  }
});

test("what one asks is answered by the other process, both ways at once", async () => {
  const gateways = await startProcesses([1, 2]);
  const [left, right] = gateways as [Gateway, Gateway];
  try {
    await until("both are connected", () =>
      gateways.every((gateway) => said(gateway, { kind: "connected" })),
    );
    left.child.send("?from left");
    right.child.send("?from right");
    await until("left is answered by right", () =>
      said(left, { kind: "answered", text: "tfel morf?", peerId: right.peerId }),
    );
    await until("right is answered by left", () =>
      said(right, { kind: "answered", text: "thgir morf?", peerId: left.peerId }),
    );
    assert.equal(await Promise.all(gateways.map(end)), [0, 0]);
  } finally {
    for (const { child } of gateways) child.kill("SIGKILL");
  }
});

test("@chainsafe/libp2p-gossipsub is @libp2p/gossipsub 17: the package of that name delivers nothing on libp2p 3", () => {
  const entry = fileURLToPath(import.meta.resolve("@chainsafe/libp2p-gossipsub"));
  const root = join(dirname(entry), "../..");
  const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.is(name, "@libp2p/gossipsub");
  assert.match(version, /^17\./);
});

test.run();
