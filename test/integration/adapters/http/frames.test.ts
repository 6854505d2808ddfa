/** `GET /api/v1/frames/:hash`, and the client that asks for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../../../agent/adapters/http/client.ts";
import { intervalIndex, unixMs } from "../../../../agent/core/units.ts";
import type { FrameSet } from "../../../../agent/ports/frameStore.ts";
import { fetchBare, withServer } from "../../../support/apiWorld.ts";
import { failsWith } from "../../../support/failure.ts";
import { hashAt } from "../../../support/fakeAgentView.ts";

const test = suite<{ directory: string }>("frames over the local API");

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "edso-api-"));
});
test.after.each((context) => rmSync(context.directory, { recursive: true, force: true }));

const SET: FrameSet = {
  framesHash: hashAt(7),
  interval: intervalIndex(42),
  frames: [
    {
      meter: 1,
      boundary: "end",
      receivedAtMs: unixMs(1_700_000_000_123),
      request: Uint8Array.of(1, 4, 0, 52),
      response: Uint8Array.of(1, 4, 255, 0),
    },
  ],
};

test("gives the frames byte for byte, and null for a hash without", ({ directory }) =>
  withServer(directory, { head: 1 }, async ({ view, socketPath }) => {
    view.framesKept.push(SET);
    assert.equal(await agentClient(socketPath).frames(hashAt(7)), SET);
    assert.is(await agentClient(socketPath).frames(hashAt(8)), null);
    const { body } = await fetchBare(socketPath, "GET", `/api/v1/frames/${hashAt(7)}`);
    const [frame] = JSON.parse(body).frames;
    assert.equal([frame.request, frame.response], ["01040034", "0104ff00"]);
  }));

test("refuses what is no hash with 400, answers an unknown one with 404", ({ directory }) =>
  withServer(directory, { head: 1 }, async ({ socketPath }) => {
    const outcome = async (hash: string) => {
      const { status, body } = await fetchBare(socketPath, "GET", `/api/v1/frames/${hash}`);
      return [status, JSON.parse(body).code];
    };
    for (const hash of ["x", "..%2fkeys", "A".repeat(64), "0".repeat(65)])
      assert.equal(await outcome(hash), [400, "API_BAD_HASH"], hash);
    assert.equal(await outcome(hashAt(7)), [404, "API_NO_SUCH_FRAMES"]);
  }));

test("takes no answer of another form for frames", async ({ directory }) => {
  const socketPath = join(directory, "other.sock");
  const frame = { meter: 0, boundary: "end", receivedAtMs: 1, request: "01", response: "01" };
  const sound = { schema: "edso.frames/1", framesHash: hashAt(7), interval: 1, frames: [frame] };
  let answer: unknown = sound;
  const server = createServer((_, response) => void response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  try {
    assert.is((await agentClient(socketPath).frames(hashAt(7)))?.frames.length, 1);
    const bad = [
      { request: "0" },
      { response: "zz" },
      { boundary: "x" },
      { meter: -1 },
      { receivedAtMs: "1" },
    ];
    const answers = [
      ...bad.map((change) => ({ ...sound, frames: [{ ...frame, ...change }] })),
      { ...sound, schema: "edso.frames/2" },
      { ...sound, framesHash: "x" },
      { ...sound, interval: 1.5 },
      { ...sound, frames: {} },
      { ...sound, frames: [null] },
    ];
    for (answer of answers) await failsWith(() => agentClient(socketPath).frames(hashAt(7)), "API_MALFORMED");
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test.run();
