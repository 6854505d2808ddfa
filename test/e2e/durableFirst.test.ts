// time limit: 480 s
/**
 * Nothing of its own leaves a gateway before it is durable, as the kernel sees it: the system calls of real gateways
 * are traced. Their transport is what it always is, but for its cipher, which is taken out so that frames can be read.
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../agent/adapters/http/client.ts";
import type { StatusView } from "../../agent/ports/agentView.ts";
import { PowercutStreet } from "../powercut/powercutStreet.ts";
import { buildProgram, PRODUCT, type Replacement } from "../powercut/program.ts";
import { type DurableFirst, durableFirst } from "../support/durableFirst.ts";
import { leaveOut } from "../support/leaveOut.ts";
import { readTrace, TRACED_CALLS } from "../support/straceTrace.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

/** Longest string that strace prints: any frame. */
const STRING_BYTES = 1_048_576;
const BLOCKS = 4;
const START_LIMIT_MS = 180_000;
/** Encrypting and decrypting of Noise, which keep the room of their tag. */
const NO_CIPHER: readonly Replacement[] = [
  [
    /(chaCha20Poly1305Encrypt\((plaintext\w*), \w+, \w+, \w+\) \{\s+)(?=if \(\w+\.byteLength < 1200\))/g,
    "$1{ const open = new Uint8Array($2.byteLength + 16); open.set($2.subarray()); return open; }\n",
  ],
  [
    /(chaCha20Poly1305Decrypt\((ciphertext\w*), \w+, \w+, \w+, \w+\) \{\s+)(?=if \(\w+\.byteLength < 1200\))/g,
    "$1return $2.subarray().slice(0, -16);\n",
  ],
];

const traced = suite("durable first");

if (canTrace()) {
  traced(
    "every vote, reading and transaction on a socket was fdatasynced before, on each of three gateways",
    async () => {
      for (const { name, frames, early } of await traceStreet(PRODUCT, (statuses) =>
        haveHeight(statuses, BLOCKS),
      )) {
        assert.equal(early, [], name);
        for (const kind of ["prepare", "commit", "reading"])
          assert.ok((frames[kind] ?? 0) >= BLOCKS, `${name}: ${frames[kind]} frames of a ${kind}`);
      }
    },
  );

  traced("a vote that is published while its record is still being written is seen", async () => {
    const seen = await traceStreet(
      "vote-before-durable",
      (statuses) => haveHeight(statuses, 1) || statuses.some(takesItselfForCloned),
    );
    const early = seen.flatMap((gateway) => gateway.early);
    assert.ok(early.length > 0, "the trace shows the planted fault");
  });
} else {
  leaveOut("the order of system calls", "strace cannot trace here: apt-get install strace, and allow ptrace");
  traced("is left out", () => {});
}

traced.run();

function canTrace(): boolean {
  try {
    execFileSync("strace", ["--output", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What every gateway says of itself; null when it is silent. */
type Statuses = readonly (StatusView | null)[];

function haveHeight(statuses: Statuses, height: number): boolean {
  return statuses.every((status) => (status?.ledger.height ?? 0) >= height);
}

/** A vote that comes back before its record is written looks like one of another gateway with the same key. */
function takesItselfForCloned(status: StatusView | null): boolean {
  return status?.hindrances.some(({ code }) => code === "KEY_CLONED") ?? false;
}

async function traceStreet(
  plant: string,
  isEnough: (statuses: Statuses) => boolean,
): Promise<readonly (DurableFirst & { readonly name: string })[]> {
  const program = await buildProgram(plant, NO_CIPHER);
  try {
    return await withTemporaryDirectory((directory) => traceOnce(directory, program.path, isEnough));
  } finally {
    await program.remove();
  }
}

async function traceOnce(directory: string, program: string, isEnough: (statuses: Statuses) => boolean) {
  const traceOf = (name: string) => join(directory, `${name}.strace`);
  const street = await PowercutStreet.layOut({
    dataDir: join(directory, "street"),
    logs: join(directory, "logs"),
    seed: "strace",
    intervalSeconds: 3,
    // The tracer is the grandchild, so that the process that is started and ended is the gateway.
    command: (name) => [
      ...[
        "strace",
        "-D",
        "-f",
        "-y",
        "-xx",
        "-s",
        String(STRING_BYTES),
        "-e",
        `trace=${TRACED_CALLS.join(",")}`,
      ],
      ...["-o", traceOf(name), process.execPath, program],
    ],
  });
  try {
    street.start();
    await untilSeen(street, isEnough);
  } finally {
    await street.close();
  }
  return Promise.all(
    street.gateways.map(async ({ place, member }) => {
      const { name } = place.household;
      const events = readTrace(await readFile(traceOf(name), "utf8"));
      return { name, ...durableFirst(events, street.context, member) };
    }),
  );
}

async function untilSeen(street: PowercutStreet, isEnough: (statuses: Statuses) => boolean): Promise<void> {
  const deadlineMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    const statuses = await Promise.all(
      street.gateways.map(({ place }) =>
        agentClient(place.socketPath)
          .status()
          .catch(() => null),
      ),
    );
    if (isEnough(statuses)) return;
    if (street.ends().length > 0 || performance.now() > deadlineMs) {
      const heights = statuses.map((status) => status?.ledger.height ?? "silent").join(", ");
      throw new Error(
        `not enough within ${START_LIMIT_MS} ms, heights ${heights}:\n${street.lastWords().join("\n")}`,
      );
    }
    await pause(200);
  }
}
