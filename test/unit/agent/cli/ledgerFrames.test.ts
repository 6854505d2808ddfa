/** `edso ledger frames` on a chain that two gateways really agreed on, with the frames that one of them kept. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FrameStoreError } from "../../../../agent/adapters/blobs/frameStoreError.ts";
import { framesHashOf } from "../../../../agent/core/metering/delta.ts";
import type { FrameSet, FrameStore } from "../../../../agent/ports/frameStore.ts";
import { agreedStreet, running, stopped, writeStreet } from "../../../support/cliStreet.ts";
import { type CliOverrides, edso } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const agreed = await agreedStreet();
const { frames: store } = agreed.street.gateway("dep1");
const second = store.sets[1] as FrameSet;

const frames = suite("edso ledger frames");

const asked = (interval: number | string, surroundings: CliOverrides, ...more: readonly string[]) =>
  withTemporaryDirectory(async (root) => {
    const data = await writeStreet(agreed, join(root, "dep1"));
    return edso(["ledger", "frames", "--interval", String(interval), "--data", data, ...more], surroundings);
  });
const keeping = (found: FrameSet | null): FrameStore => ({ keep: async () => {}, find: async () => found });

frames("prints the frames of an own reading from the agent as from a stopped one's disk", async () => {
  for (const surroundings of [running(agreed), stopped(agreed.disk, null, store)]) {
    const run = await asked(second.interval, surroundings);
    assert.equal([run.exit, run.error], [0, ""]);
    assert.match(run.out, `interval ${second.interval}, block `);
    assert.match(run.out, "start · meter 0 · unit 1 · function 4 · ");
    assert.match(run.out, "end · meter 1 · unit 1 · function 4 · ");
    assert.match(run.out, "asked     01 04 00 34 00 04");
    // 1 MWh and the 500 Wh of each interval before.
    assert.match(run.out, "answered  01 04 08 00 00 00 00 00 0f 46 28");
    assert.match(
      run.out,
      `SHA-256 over 4 answers: ${second.framesHash}\nequal to what the signed reading says`,
    );
  }
});

frames("prints them as JSON", async () => {
  const run = await asked(second.interval, stopped(agreed.disk, null, store), "--json");
  const { schema, equal, framesHash, signedFramesHash, frames: shown } = run.json();
  const expected = ["edso.ledger-frames/1", true, second.framesHash, second.framesHash, 4];
  assert.equal([schema, equal, framesHash, signedFramesHash, (shown as unknown[]).length], expected);
});

frames("shows frames that somebody changed, and ends with 65", async () => {
  const [first, ...others] = second.frames;
  if (first === undefined) throw new Error("no frames");
  const response = Uint8Array.from(first.response, (byte, index) => (index === 10 ? byte ^ 1 : byte));
  const changed = { ...second, frames: [{ ...first, response }, ...others] };
  const run = await asked(second.interval, stopped(agreed.disk, null, keeping(changed)));
  assert.is(run.exit, 65);
  assert.match(run.error, "code: FRAMES_DIFFER");
  const computed = framesHashOf(changed.frames.map((frame) => frame.response));
  assert.match(run.out, `${computed}\nNOT equal to what the signed reading says: ${second.framesHash}`);
});

frames("ends with 66 when they are not kept any more, and when no block has such a reading", async () => {
  const forgotten = await asked(second.interval, stopped(agreed.disk, null, keeping(null)));
  assert.equal([forgotten.exit, forgotten.out], [66, ""]);
  assert.match(forgotten.error, "code: FRAMES_NOT_KEPT");
  for (const interval of [second.interval + 1_000, 0]) {
    const run = await asked(interval, stopped(agreed.disk, null, store));
    assert.equal([run.exit, run.out], [66, ""]);
    assert.match(run.error, "code: LEDGER_NO_READING");
  }
});

frames("ends with 74 when the disk does not give them, with 64 for what is no interval", async () => {
  const failing: FrameStore = {
    keep: async () => {},
    find: () => Promise.reject(new FrameStoreError("FRAMES_READ", { directory: "x" })),
  };
  assert.is((await asked(second.interval, stopped(agreed.disk, null, failing))).exit, 74);
  assert.is((await asked("x1", stopped(agreed.disk, null, store))).exit, 64);
});

frames.run();
