import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unixMs } from "../../../../agent/core/units.ts";
import { WritableSpace } from "../../../../drivers/simulator/writableSpace.ts";

const NOW = unixMs(1_000_000);
const REFUSED = { kind: "exception", code: 2 };

const test = suite("drivers/simulator/writableSpace");

test("what is written is read, and kept in order", () => {
  const space = new WritableSpace({
    registers: new Map([
      [10, 1],
      [11, 2],
    ]),
    coils: new Map([[0, false]]),
  });
  const writes = [
    { kind: "registers", address: 10, words: [7, 8] },
    { kind: "coil", address: 0, isOn: true },
  ] as const;
  for (const write of writes) assert.equal(space.write(write, NOW), { kind: "written" });
  assert.equal(space.read({ table: "holding", address: 10, count: 2 }, NOW), {
    kind: "registers",
    words: [7, 8],
  });
  assert.equal(space.read({ table: "coil", address: 0, count: 1 }, NOW), { kind: "registers", words: [1] });
  assert.equal(space.writes, writes);
});

test("a place that is not there is refused, half of one changes nothing, and what is elsewhere is not this space's", () => {
  const space = new WritableSpace({ registers: new Map([[10, 1]]) });
  assert.equal(space.write({ kind: "registers", address: 10, words: [7, 8] }, NOW), REFUSED);
  assert.equal(space.read({ table: "holding", address: 10, count: 1 }, NOW), {
    kind: "registers",
    words: [1],
  });
  assert.equal(space.write({ kind: "coil", address: 0, isOn: true }, NOW), REFUSED);
  assert.equal(space.read({ table: "coil", address: 0, count: 1 }, NOW), REFUSED);
  assert.equal(space.read({ table: "holding", address: 10, count: 2 }, NOW), REFUSED);
  assert.is(space.read({ table: "holding", address: 20, count: 2 }, NOW), null);
  assert.is(space.read({ table: "input", address: 10, count: 1 }, NOW), null);
});

test("the limit is lifted when its time is over, counted from the last write, and never without a time", () => {
  const registers = new Map([
    [1, 60],
    [2, 0],
  ]);
  const space = new WritableSpace({ registers, revert: { revertTime: 1, enable: 2 } });
  const isEnabled = (afterMs: number) => {
    const answer = space.read({ table: "holding", address: 2, count: 1 }, unixMs(NOW + afterMs));
    return answer?.kind === "registers" && answer.words[0] === 1;
  };
  space.write({ kind: "registers", address: 2, words: [1] }, NOW);
  assert.ok(isEnabled(59_999));
  assert.not.ok(isEnabled(60_000));
  space.write({ kind: "registers", address: 1, words: [0, 1] }, NOW);
  assert.ok(isEnabled(1_000_000));
});

test.run();
