/**
 * Stands for `edso` where only the demo's supervision is tested: `demo` is the real command on stub
 * dependencies, `start` a process with a gateway's outside – a socket, a port, a pid file – and nothing in it.
 * A gateway named in STUB_FAILS ends at once; it tells its commits as lines `height` on its socket.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { demoCommand, demoExitCode } from "../../agent/cli/demo.ts";
import type { DemoDependencies } from "../../agent/cli/demoDependencies.ts";
import type { FollowedCommit, FollowedGateway } from "../../agent/cli/demoFollow.ts";
import { watchParent } from "../../agent/cli/parentWatch.ts";
import { processTerminal } from "../../agent/cli/terminal.ts";
import { hashOf } from "../../agent/core/hash.ts";
import { publicKeyOf, signMessage } from "../../agent/core/signature.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import type { IntervalView, StatusView } from "../../agent/ports/agentView.ts";

const COMMIT_EVERY_MS = 40;

const view = (height: number): IntervalView => ({
  schema: "edso.interval/2",
  height,
  interval: height,
  dso: "dep1",
  term: 1,
  members: [],
  trades: [],
  signal: { excessWh: 0, deficitWh: 0, unmetWh: 0, unsoldWh: 0 },
  stop: "balanced",
  settlement: null,
});

const dependencies: DemoDependencies = {
  env: process.env,
  terminal: processTerminal(process.env),
  createKeys: async (directory) => mkdirSync(directory, { recursive: true }),
  createVoteJournal: async () => {},
  loadIdentity: async (directory) => {
    const secret = Buffer.from(hashOf(new TextEncoder().encode(directory)), "hex");
    return {
      publicKey: publicKeyOf(secret),
      peerId: `peer-${directory.length}`,
      recordsKey: secret,
      sign: async (message) => signMessage(secret, message),
    };
  },
  startSimulatedLine: async ({ meters }) => ({
    path: `/dev/stub-${meters[0]?.serial}`,
    stop: async () => note("stopped-lines", `${meters[0]?.serial}\n`),
  }),
  agentClient,
};

function agentClient(socketPath: string): FollowedGateway {
  return {
    status: () =>
      new Promise((resolve, reject) => {
        const socket = createConnection(socketPath, () => {
          socket.destroy();
          resolve({} as StatusView);
        });
        socket.once("error", reject);
      }),
    intervals: async (height) => [view(height)],
    async *commits({ after, signal }): AsyncGenerator<FollowedCommit> {
      const socket = createConnection(socketPath);
      socket.on("error", () => socket.destroy());
      signal.addEventListener("abort", () => socket.destroy());
      for await (const line of createInterface({ input: socket })) {
        const height = heightOf(Number(line));
        if (height > after) yield { height, blockHash: hashOf(new TextEncoder().encode(line)) };
      }
    },
  };
}

/** All stub gateways have the same height at the same time: it is the time. */
function runGateway(configPath: string): void {
  const directory = dirname(configPath);
  const name = directory.split("/").at(-1) ?? "";
  if (process.env.STUB_FAILS === name) {
    console.error("config: the meter does not answer");
    process.exit(78);
  }
  const config = readFileSync(configPath, "utf8");
  const port = Number(/\/tcp\/(\d+)/.exec(config.replaceAll(/^#.*$/gm, ""))?.[1]);
  const startMs = Number(process.env.STUB_START_MS);
  const peers = createServer().listen(port, "127.0.0.1");
  const api = createServer((socket) => {
    let told = 0;
    const timer = setInterval(() => {
      const height = Math.floor((Date.now() - startMs) / COMMIT_EVERY_MS);
      while (told < height) socket.write(`${++told}\n`);
    }, COMMIT_EVERY_MS);
    socket.on("close", () => clearInterval(timer)).on("error", () => {});
  }).listen(join(directory, "agent.sock"));
  writeFileSync(join(directory, "pid"), `${process.pid} ${port}`);
  const stop = () => {
    peers.close();
    api.close();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  watchParent(process.env, stop);
}

function note(file: string, text: string): void {
  appendFileSync(join(process.env.STUB_NOTES ?? "", file), text);
}

const program = new Command("stub").addCommand(demoCommand(dependencies));
program
  .command("start")
  .requiredOption("--config <file>")
  .action(({ config }) => runGateway(config));
try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = demoExitCode(error) ?? 1;
}
