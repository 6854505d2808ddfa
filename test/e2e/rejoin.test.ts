// time limit: 180 s
/** A gateway that is killed and started again fetches the blocks it missed, over the network, and follows. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StatusView } from "../../agent/ports/agentView.ts";
import { buildProgram, DemoProcess, edso, PROGRAM } from "../support/demoProcess.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const rejoin = suite("a gateway that comes back");

rejoin.before(buildProgram);

rejoin("has every block that was decided without it, and those that follow", () =>
  withTemporaryDirectory(async (directory) => {
    const dataDir = join(directory, "street");
    const configOf = (name: string) => join(dataDir, name, "edso.yaml");
    const street = new DemoProcess(dataDir, "--gateways", "4", "--intervals", "16", "--seed", "7");
    const first = await lineAfter(street, 1);
    const [gone = "", witness = ""] = Object.keys(first.heads).filter((name) => name !== first.dso);
    const pid = (await street.gateways()).get(gone) ?? assert.unreachable(`${gone} runs`);
    process.kill(pid as number, "SIGKILL");
    await lineAfter(street, first.height + 3);
    const again = spawn(process.execPath, [PROGRAM, "start", "--config", configOf(gone)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(again, "close");
    try {
      const { ledger, sync } = await caughtUp(configOf(gone), configOf(witness), first.height + 4, again);
      assert.ok(ledger.height >= first.height + 4);
      assert.is(sync.behindBy, 0);
      assert.is(await street.ended(), 0, street.stderr);
    } finally {
      again.kill("SIGTERM");
      await ended;
    }
    const verified = await edso("ledger", "verify", "--data", join(dataDir, gone));
    assert.is(verified.code, 0, verified.stdout + verified.stderr);
  }),
);

rejoin.run();

/** Waits until both gateways say the same head at or above a height; the runner's time limit bounds the wait. */
async function caughtUp(
  behind: string,
  ahead: string,
  height: number,
  process: ChildProcess,
): Promise<StatusView> {
  for (;;) {
    assert.is(process.exitCode, null, "the gateway that came back still runs");
    // Side by side: on a busy machine a status takes so long that the next block comes between two.
    const [mine, theirs] = await Promise.all([statusOf(behind), statusOf(ahead)]);
    const isSame = mine !== null && mine.ledger.head === theirs?.ledger.head;
    if (isSame && mine.ledger.height >= height) return mine;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function statusOf(config: string): Promise<StatusView | null> {
  const status = await edso("status", "--config", config, "--json");
  return status.code === 0 ? (JSON.parse(status.stdout) as StatusView) : null;
}

async function lineAfter(street: DemoProcess, height: number) {
  for (;;) {
    const line = street.lines.find((candidate) => candidate.height >= height);
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
