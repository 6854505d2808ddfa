/** What actuators hold, on a real disk: kept for the next life, and damage seen. */
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openActuatorHolds } from "../../../../agent/adapters/journal/actuatorHolds.ts";
import { unixMs } from "../../../../agent/core/units.ts";
import { failsWith } from "../../../support/failure.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("actuator holds");
/** More than one read of a file may give. */
const HUGE_BYTES = 3 * 2 ** 30;
const HOLD = { before: [0, 65_535], endsAtMs: unixMs(60_000), liftsItself: false };

test("come back in the next life as they were kept last, each under its name", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "actuators.json");
    const holds = await openActuatorHolds(path);
    assert.equal([holds.isDamaged, holds.of("one").held()], [false, null]);
    await Promise.all([
      holds.of("one").keep({ ...HOLD, before: [1] }),
      holds.of("two").keep({ ...HOLD, liftsItself: true }),
      holds.of("one").keep(HOLD),
      holds.of("three").keep(HOLD),
      holds.of("three").keep(null),
    ]);
    const next = await openActuatorHolds(path);
    assert.equal(
      ["one", "two", "three"].map((name) => next.of(name).held()),
      [HOLD, { ...HOLD, liftsItself: true }, null],
    );
  }));

test("that cannot be understood are none, and that is said", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "actuators.json");
    await (await openActuatorHolds(path)).of("one").keep(HOLD);
    const sound = await readFile(path, "utf8");
    const damaged = [
      sound.slice(1),
      sound.replace("60000", "-1"),
      sound.replace("65535", "65536"),
      sound.replace("false", "0"),
      "{}",
      " ".repeat(65_537),
    ];
    for (const text of damaged) {
      await writeFile(path, text);
      const holds = await openActuatorHolds(path);
      assert.equal([holds.isDamaged, holds.of("one").held()], [true, null], text);
    }
  }));

test("of a file whose size has gone wrong are none, and it is not read", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "actuators.json");
    await (await openActuatorHolds(path)).of("one").keep(HOLD);
    await truncate(path, HUGE_BYTES);
    assert.is((await openActuatorHolds(path)).isDamaged, true);
  }));

test("are refused where the disk refuses", () =>
  withTemporaryDirectory(async (directory) => {
    const holds = await openActuatorHolds(join(directory, "gone", "actuators.json"));
    await failsWith(() => holds.of("one").keep(HOLD), "JOURNAL_WRITE");
    await failsWith(() => openActuatorHolds(directory), "JOURNAL_READ");
  }));

test.run();
