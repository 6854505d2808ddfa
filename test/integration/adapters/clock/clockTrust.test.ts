import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../../../agent/adapters/clock/systemClock.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("clock trust");

test("unsynchronised until any marker is there, and again when it is gone", () =>
  withTemporaryDirectory(async (directory) => {
    const markers = [join(directory, "none", "a"), join(directory, "b")];
    const clock = systemClock({ trust: "ntp", markers, trustPollMs: 0 });
    assert.is(clock.trust(), "unsynchronised");
    await writeFile(markers[1]!, "");
    assert.is(clock.trust(), "synchronised");
    await rm(markers[1]!);
    assert.is(clock.trust(), "unsynchronised");
  }));

test("an answer stands for the poll time: no question to the disk in between", () =>
  withTemporaryDirectory(async (directory) => {
    const marker = join(directory, "marker");
    const clock = systemClock({ trust: "ntp", markers: [marker], trustPollMs: 3_600_000 });
    assert.is(clock.trust(), "unsynchronised");
    await writeFile(marker, "");
    assert.is(clock.trust(), "unsynchronised");
  }));

test("what is no file, and a path that cannot be asked, is no marker", () =>
  withTemporaryDirectory(async (directory) => {
    await mkdir(join(directory, "directory"));
    await writeFile(join(directory, "file"), "");
    const markers = [join(directory, "directory"), join(directory, "file", "below"), "a\u0000b"];
    assert.is(systemClock({ trust: "ntp", markers }).trust(), "unsynchronised");
  }));

test.run();
