/** A local API over an agent that a test makes up, and bare HTTP on its socket. */
import { renameSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { agentClient, type CommitEvent } from "../../agent/adapters/http/client.ts";
import { ApiServer } from "../../agent/adapters/http/server.ts";
import { height } from "../../agent/core/units.ts";
import type { LineLender } from "../../agent/ports/commissioning.ts";
import type { Logger } from "../../agent/ports/logger.ts";
import { FakeAgentView } from "./fakeAgentView.ts";

export type World = {
  readonly view: FakeAgentView;
  readonly server: ApiServer;
  readonly socketPath: string;
  readonly directory: string;
  readonly logged: string[];
};

export type ServerSettings = { readonly heartbeatMs?: number; readonly maxFollowers?: number };

/** An agent without lines. */
const NO_LINES: LineLender = { lend: async () => null };

export function makeServer(
  directory: string,
  view: FakeAgentView,
  settings: ServerSettings,
  lender: LineLender = NO_LINES,
): World {
  const logged: string[] = [];
  const note = (event: string) => void logged.push(event);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const socketPath = join(directory, "agent.sock");
  const server = new ApiServer({ socketPath, ...settings }, { view, lender, logger });
  return { view, server, socketPath, directory, logged };
}

export async function withServer(
  directory: string,
  { head, ...settings }: ServerSettings & { readonly head: number },
  body: (world: World) => Promise<void>,
): Promise<void> {
  const world = makeServer(directory, new FakeAgentView(head), settings);
  await world.server.start();
  try {
    await body(world);
  } finally {
    await world.server.stop();
  }
}

export function openStream(
  socketPath: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, headers, agent: false }, resolve).once("error", reject).end();
  });
}

export async function nextChunk(response: IncomingMessage, wanted: RegExp = /./): Promise<string> {
  for (;;) {
    const chunk = response.read();
    if (chunk !== null && wanted.test(String(chunk))) return String(chunk);
    if (chunk === null) await new Promise((resolve) => response.once("readable", resolve));
  }
}

export async function fetchBare(
  socketPath: string,
  method: string,
  path: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method, agent: false }, async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
    });
    outgoing.once("error", reject).end();
  });
}

/** A process that is killed leaves its socket: here it is moved away before node removes it. */
export async function leaveStaleSocket(socketPath: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${socketPath}.tmp`, resolve));
  renameSync(`${socketPath}.tmp`, socketPath);
  await new Promise((resolve) => server.close(resolve));
}

export async function firstCommit(socketPath: string): Promise<CommitEvent | null> {
  for await (const commit of agentClient(socketPath).commits({ after: height(0) })) return commit;
  return null;
}
