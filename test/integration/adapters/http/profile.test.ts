/** `GET /api/v1/profile`, and the client that asks for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../../../agent/adapters/http/client.ts";
import { unixMs } from "../../../../agent/core/units.ts";
import type { ProfilePoint } from "../../../../agent/ports/profileStore.ts";
import { fetchBare, withServer } from "../../../support/apiWorld.ts";
import { failsWith } from "../../../support/failure.ts";

const test = suite<{ directory: string }>("profile over the local API");

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "edso-api-"));
});
test.after.each((context) => rmSync(context.directory, { recursive: true, force: true }));

const POINTS: readonly ProfilePoint[] = [1_000, 2_000, 3_000].map((atMs) => ({
  atMs: unixMs(atMs),
  meter: 0,
  activePowerW: -5,
  importWh: null,
  exportWh: 7,
}));
const query = (from: number, to: number, limit = 10) => ({ fromMs: unixMs(from), toMs: unixMs(to), limit });

test("gives the points of a time, and says when there are more", ({ directory }) =>
  withServer(directory, { head: 1 }, async ({ view, socketPath }) => {
    view.points = POINTS;
    const client = agentClient(socketPath);
    assert.equal(await client.profile(query(0, 9_000)), POINTS);
    assert.equal(await client.profile(query(2_000, 3_000)), POINTS.slice(1, 2));
    const isComplete = async (limit: number) =>
      JSON.parse((await fetchBare(socketPath, "GET", `/api/v1/profile?from=0&to=9000&limit=${limit}`)).body)
        .isComplete;
    assert.equal([await isComplete(3), await isComplete(4)], [false, true]);
  }));

test("is null where none is kept", ({ directory }) =>
  withServer(directory, { head: 1 }, async ({ socketPath }) => {
    assert.is(await agentClient(socketPath).profile(query(0, 9_000)), null);
  }));

test("refuses a time that is none, and more than fits an answer", ({ directory }) =>
  withServer(directory, { head: 1 }, async ({ view, socketPath }) => {
    view.points = POINTS;
    for (const bad of [
      "",
      "?from=0",
      "?from=5&to=5",
      "?from=-1&to=5",
      "?from=a&to=5",
      "?from=0&to=5&limit=0",
      "?from=0&to=5&limit=20001",
    ]) {
      const { status, body } = await fetchBare(socketPath, "GET", `/api/v1/profile${bad}`);
      assert.equal([status, JSON.parse(body).code], [400, "API_BAD_PROFILE"], bad);
    }
  }));

test("takes no answer of another form for points", async ({ directory }) => {
  const socketPath = join(directory, "other.sock");
  const sound = { schema: "edso.profile/1", isComplete: true, points: POINTS };
  let answer: unknown = sound;
  const server = createServer((_, response) => void response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  try {
    assert.equal(await agentClient(socketPath).profile(query(0, 9)), POINTS);
    for (const bad of [
      { ...sound, schema: "edso.profile/2" },
      { ...sound, isComplete: 1 },
      { ...sound, points: [{ ...POINTS[0], atMs: "1" }] },
      { ...sound, points: [{ ...POINTS[0], importWh: 1.5 }] },
      { ...sound, points: [null] },
    ]) {
      answer = bad;
      await failsWith(() => agentClient(socketPath).profile(query(0, 9)), "API_MALFORMED");
    }
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test.run();
