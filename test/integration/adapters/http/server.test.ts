/** The local API on a real unix socket, asked with its own client and with bare HTTP. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../../../agent/adapters/http/client.ts";
import { AgentError } from "../../../../agent/core/errors.ts";
import { height } from "../../../../agent/core/units.ts";
import {
  fetchBare,
  firstCommit,
  leaveStaleSocket,
  makeServer,
  nextChunk,
  openStream,
  withServer,
} from "../../../support/apiWorld.ts";
import { failsWith } from "../../../support/failure.ts";
import { FakeAgentView, hashAt, intervalAtHeight, statusAt } from "../../../support/fakeAgentView.ts";

const test = suite<{ directory: string }>("ApiServer");

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "edso-api-"));
});
test.after.each((context) => rmSync(context.directory, { recursive: true, force: true }));

test("answers status, blocks and intervals as the agent tells them", async ({ directory }) => {
  await withServer(directory, { head: 3 }, async ({ socketPath }) => {
    const client = agentClient(socketPath);
    assert.equal(await client.status(), statusAt(3));
    assert.equal(await client.intervals(height(2)), [intervalAtHeight(2)]);
    const block = await client.block(height(2));
    assert.equal(block?.blockHash, hashAt(2));
    assert.equal(block?.block, Uint8Array.of(0, 255, 2));
    assert.equal(block?.certificate, Uint8Array.of(1));
  });
});

test("answers null for a block that is not there", async ({ directory }) => {
  await withServer(directory, { head: 3 }, async ({ socketPath }) => {
    const client = agentClient(socketPath);
    assert.is(await client.block(height(4)), null);
    assert.is(await client.intervals(height(0)), null);
  });
});

test("refuses unknown routes, bad heights and other methods with a code", async ({ directory }) => {
  await withServer(directory, { head: 1 }, async ({ socketPath }) => {
    for (const [method, path, status, code] of [
      ["GET", "/api/v1/nothing", 404, "API_NO_SUCH_ROUTE"],
      ["POST", "/api/v1/status", 404, "API_NO_SUCH_ROUTE"],
      ["GET", "/api/v1/blocks/one", 400, "API_BAD_HEIGHT"],
      ["GET", "/api/v1/blocks/-1", 400, "API_BAD_HEIGHT"],
      ["GET", "/api/v1/intervals/9999999999999999", 400, "API_BAD_HEIGHT"],
      ["GET", "/api/v1/blocks/2", 404, "API_NO_SUCH_BLOCK"],
      ["GET", "/api/v1/commits?after=x", 400, "API_BAD_HEIGHT"],
    ] as const) {
      const answer = await fetchBare(socketPath, method, path);
      assert.is(answer.status, status, `${method} ${path}`);
      assert.is(JSON.parse(answer.body).code, code, `${method} ${path}`);
    }
  });
});

test("is healthy while it runs and ready only when the agent can tell its status", async ({ directory }) => {
  await withServer(directory, { head: 1 }, async ({ socketPath, view }) => {
    assert.is((await fetchBare(socketPath, "GET", "/healthz")).status, 200);
    assert.is((await fetchBare(socketPath, "GET", "/readyz")).status, 200);
    view.failure = new Error("no ledger");
    assert.is((await fetchBare(socketPath, "GET", "/healthz")).status, 200);
    assert.is((await fetchBare(socketPath, "GET", "/readyz")).status, 503);
  });
});

test("answers a failure of the agent with its code, and logs it", async ({ directory }) => {
  await withServer(directory, { head: 1 }, async ({ socketPath, view, logged }) => {
    view.failure = new AgentError("STORE_DAMAGED");
    const error = await failsWith(() => agentClient(socketPath).status(), "API_REFUSED");
    assert.is(error.detail.apiCode, "STORE_DAMAGED");
    assert.equal(logged, ["api.request.failed"]);
  });
});

test("replays what was committed since, then tells what is committed, without a gap", async ({
  directory,
}) => {
  await withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const seen: number[] = [];
    for await (const commit of agentClient(socketPath).commits({ after: height(1) })) {
      seen.push(commit.height);
      assert.is(commit.blockHash, hashAt(commit.height));
      if (commit.height === 3) {
        view.commit();
        view.commit();
      }
      if (commit.height === 5) break;
    }
    assert.equal(seen, [2, 3, 4, 5]);
  });
});

test("tells only later commits when no height is named", async ({ directory }) => {
  await withServer(directory, { head: 3, heartbeatMs: 5 }, async ({ socketPath, view }) => {
    const response = await openStream(socketPath, "/api/v1/commits");
    assert.match(await nextChunk(response), ": alive");
    view.commit();
    assert.match(await nextChunk(response, /event/), `id: 4`);
    response.destroy();
  });
});

test("resumes after the last event a client names", async ({ directory }) => {
  await withServer(directory, { head: 3 }, async ({ socketPath }) => {
    const response = await openStream(socketPath, "/api/v1/commits?after=0", { "last-event-id": "2" });
    assert.match(await nextChunk(response, /event/), "id: 3");
    response.destroy();
  });
});

test("shows that it lives while nothing is committed", async ({ directory }) => {
  await withServer(directory, { head: 0, heartbeatMs: 5 }, async ({ socketPath }) => {
    const response = await openStream(socketPath, "/api/v1/commits?after=0");
    for (let beat = 0; beat < 3; beat++) assert.match(await nextChunk(response), ": alive");
    response.destroy();
  });
});

test("refuses more followers than it has room for, and has room again when one leaves", async ({
  directory,
}) => {
  await withServer(directory, { head: 0, heartbeatMs: 5, maxFollowers: 1 }, async ({ socketPath }) => {
    const first = await openStream(socketPath, "/api/v1/commits?after=0");
    await nextChunk(first);
    const error = await failsWith(() => firstCommit(socketPath), "API_REFUSED");
    assert.is(error.detail.apiCode, "API_TOO_MANY_FOLLOWERS");
    first.destroy();
    for (;;) {
      const again = await openStream(socketPath, "/api/v1/commits?after=0");
      again.destroy();
      if (again.statusCode === 200) break;
    }
  });
});

test("ends every open stream when it stops, and the subscription to the agent", async ({ directory }) => {
  const view = new FakeAgentView(2);
  const { server, socketPath } = makeServer(directory, view, {});
  await server.start();
  const seen: number[] = [];
  const following = (async () => {
    for await (const commit of agentClient(socketPath).commits({ after: height(0) })) {
      seen.push(commit.height);
      if (commit.height === 2) void server.stop();
    }
  })();
  await following;
  await server.stop();
  assert.equal(seen, [1, 2]);
  assert.is(view.listeners, 0);
  assert.is(existsSync(socketPath), false);
});

test("stops although a client keeps its connection open without asking", async ({ directory }) => {
  const { server, socketPath } = makeServer(directory, new FakeAgentView(0), {});
  await server.start();
  const response = await openStream(socketPath, "/api/v1/commits", { connection: "keep-alive" });
  const ended = new Promise((resolve) => response.once("close", resolve));
  response.resume();
  await server.stop();
  await ended;
});

test("ends the client's loop without an error when its signal aborts", async ({ directory }) => {
  await withServer(directory, { head: 1 }, async ({ socketPath }) => {
    const aborter = new AbortController();
    const seen: number[] = [];
    for await (const commit of agentClient(socketPath).commits({
      after: height(0),
      signal: aborter.signal,
    })) {
      seen.push(commit.height);
      aborter.abort();
    }
    assert.equal(seen, [1]);
  });
});

test("makes a socket of mode 0600 in a directory of mode 0700", async ({ directory }) => {
  const nested = join(directory, "run", "edso");
  await withServer(nested, { head: 0 }, async ({ socketPath }) => {
    assert.is(statSync(socketPath).mode & 0o777, 0o600);
    assert.is(statSync(nested).mode & 0o777, 0o700);
  });
});

test("takes over a socket on which nobody answers", async ({ directory }) => {
  const socketPath = join(directory, "agent.sock");
  await leaveStaleSocket(socketPath);
  assert.ok(existsSync(socketPath));
  await withServer(directory, { head: 1 }, async () => {
    assert.is((await agentClient(socketPath).status()).ledger.height, 1);
  });
});

test("leaves the socket of a running agent alone", async ({ directory }) => {
  await withServer(directory, { head: 1 }, async ({ socketPath }) => {
    const { server } = makeServer(directory, new FakeAgentView(9), {});
    await failsWith(() => server.start(), "API_SOCKET_BUSY");
    assert.is((await agentClient(socketPath).status()).ledger.height, 1);
  });
});

test("never removes a file that is no socket", async ({ directory }) => {
  const socketPath = join(directory, "agent.sock");
  writeFileSync(socketPath, "mine");
  const { server } = makeServer(directory, new FakeAgentView(0), {});
  await failsWith(() => server.start(), "API_SOCKET_UNUSABLE");
  assert.ok(statSync(socketPath).isFile());
});

test.run();
