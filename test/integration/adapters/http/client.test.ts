/** The client of the local API against agents that are away, silent, or not ours. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../../../agent/adapters/http/client.ts";
import { firstCommit } from "../../../support/apiWorld.ts";
import { failsWith } from "../../../support/failure.ts";
import { hashAt } from "../../../support/fakeAgentView.ts";

const test = suite<{ directory: string }>("agentClient");

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "edso-api-"));
});
test.after.each((context) => rmSync(context.directory, { recursive: true, force: true }));

test("says which socket nobody answers on, and how to start the agent", async ({ directory }) => {
  const socketPath = join(directory, "agent.sock");
  for (const ask of [() => agentClient(socketPath).status(), () => firstCommit(socketPath)]) {
    const error = await failsWith(ask, "API_UNREACHABLE");
    assert.is(error.detail.socketPath, socketPath);
    assert.match(String(error.detail.fix), "edso start");
  }
});

test("gives up on an agent that does not answer in time", async ({ directory }) => {
  await withRawServer(directory, null, async (socketPath) => {
    const client = agentClient(socketPath, { timeoutMs: 20 });
    await failsWith(() => client.status(), "API_UNREACHABLE");
  });
});

test("refuses an answer that is too long, no JSON, or of another schema", async ({ directory }) => {
  for (const body of ['{"schema":"edso.status/2"}', "<html>", `"${"x".repeat(2000)}"`, "[]"]) {
    await withRawServer(directory, httpAnswer(200, body), async (socketPath) => {
      const client = agentClient(socketPath, { maxResponseBytes: 1000 });
      await failsWith(() => client.status(), "API_MALFORMED");
    });
  }
});

test("refuses an error of another form, a foreign event and an event without end", async ({ directory }) => {
  const cases = [
    httpAnswer(500, '{"error":"x"}'),
    httpAnswer(200, 'event: commit\ndata: {"height":-1}\n\n'),
    httpAnswer(200, `data: ${"x".repeat(70_000)}`),
  ];
  for (const answer of cases) {
    await withRawServer(directory, answer, async (socketPath) => {
      await failsWith(() => firstCommit(socketPath), "API_MALFORMED");
    });
  }
});

test("passes over comments, other events and CR LF", async ({ directory }) => {
  const commit = `data: {"height":7,\r\ndata: "blockHash":"${hashAt(7)}"}`;
  const body = `: hi\r\n\r\nevent: other\r\ndata: 1\r\n\r\nevent: commit\r\n${commit}\r\n\r\n`;
  await withRawServer(directory, httpAnswer(200, body), async (socketPath) => {
    assert.equal(await firstCommit(socketPath), { height: 7, blockHash: hashAt(7) });
  });
});

test.run();

async function withRawServer(
  directory: string,
  answer: string | null,
  body: (socketPath: string) => Promise<void>,
): Promise<void> {
  const socketPath = join(directory, "raw.sock");
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      if (answer !== null) socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  try {
    await body(socketPath);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function httpAnswer(status: number, body: string): string {
  return `HTTP/1.1 ${status} X\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
