/** The profile on disk: found again by time, bounded in days and bytes, whole around what is torn. */
import { appendFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { profileRing } from "../../../../agent/adapters/blobs/profileRing.ts";
import { unixMs } from "../../../../agent/core/units.ts";
import type { ProfilePoint } from "../../../../agent/ports/profileStore.ts";
import { failsWith } from "../../../support/failure.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const DAY_MS = 86_400_000;
const NOON_MS = Date.UTC(2026, 0, 10, 12);
const ALL = { fromMs: unixMs(0), toMs: unixMs(NOON_MS + 400 * DAY_MS), limit: 1_000_000 };
const BOUNDS = { keepDays: 3, maxMebibytes: 1 };

const point = (atMs: number, changes: Partial<ProfilePoint> = {}): ProfilePoint => ({
  atMs: unixMs(atMs),
  meter: 0,
  activePowerW: -1_200,
  importWh: 5,
  exportWh: 7_654_321,
  ...changes,
});
const UNKNOWN = { activePowerW: null, importWh: null, exportWh: null };

const test = suite("adapters/blobs/profileRing");

const inRing = (body: (path: string) => Promise<void>) =>
  withTemporaryDirectory((directory) => body(join(directory, "profile")));

test("finds points by time, as they were, across days, and no more than are wanted", () =>
  inRing(async (path) => {
    const ring = profileRing(path, BOUNDS);
    const points = [
      point(NOON_MS),
      point(NOON_MS + 1, { meter: 3, ...UNKNOWN }),
      point(NOON_MS + DAY_MS, { activePowerW: 0, importWh: 0 }),
    ];
    await ring.add(points);
    assert.equal(await ring.find(ALL), points);
    assert.equal(await profileRing(path, BOUNDS).find(ALL), points, "after a restart");
    assert.equal(await ring.find({ ...ALL, limit: 1 }), points.slice(0, 1));
    assert.equal(await ring.find({ ...ALL, fromMs: unixMs(NOON_MS + 1) }), points.slice(1));
    assert.equal(await ring.find({ ...ALL, toMs: unixMs(NOON_MS + 1) }), points.slice(0, 1));
  }));

test("forgets everything when its room is needed, says how much that was, and goes on", () =>
  inRing(async (path) => {
    const ring = profileRing(path, BOUNDS);
    await ring.add([point(NOON_MS), point(NOON_MS + DAY_MS)]);
    await writeFile(join(path, "notes.txt"), "not of the ring");
    const sizes = await Promise.all(
      (await readdir(path)).map(async (name) =>
        name.endsWith(".log") ? (await stat(join(path, name))).size : 0,
      ),
    );
    assert.is(
      await ring.clear(),
      sizes.reduce((sum, size) => sum + size, 0),
    );
    assert.equal([await ring.find(ALL), await readdir(path), await ring.clear()], [[], ["notes.txt"], 0]);
    await ring.add([point(NOON_MS)]);
    assert.is((await ring.find(ALL)).length, 1);
  }));

test("has nothing before the first point, and makes no directory to look", () =>
  inRing(async (path) => {
    assert.equal(await profileRing(path, BOUNDS).find(ALL), []);
    assert.is(await stat(path).catch(() => null), null);
  }));

test("keeps its days, and forgets the oldest for the newest", () =>
  inRing(async (path) => {
    const ring = profileRing(path, BOUNDS);
    for (let day = 0; day < 6; day += 1) await ring.add([point(NOON_MS + day * DAY_MS)]);
    assert.equal((await readdir(path)).sort(), ["2026-01-13.log", "2026-01-14.log", "2026-01-15.log"]);
    assert.equal((await ring.find(ALL)).length, 3);
  }));

test("keeps within its room: old days go, and one that fills it alone takes no more", () =>
  inRing(async (path) => {
    const ring = profileRing(path, { keepDays: 30, maxMebibytes: 1 });
    const many = (day: number) =>
      Array.from({ length: 10_000 }, (_, index) => point(NOON_MS + day * DAY_MS + index));
    for (let day = 0; day < 6; day += 1) await ring.add(many(day));
    const sizes = await Promise.all(
      (await readdir(path)).map(async (name) => (await stat(join(path, name))).size),
    );
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 1_048_576);
    assert.ok(sizes.length >= 2);
    await ring.add(many(5));
    await failsWith(() => ring.add([...many(5), ...many(5)]), "PROFILE_TOO_LARGE");
    assert.ok((await stat(join(path, "2026-01-15.log"))).size <= 1_048_576);
  }));

test("a torn or spoilt line costs itself, and a foreign file nothing", () =>
  inRing(async (path) => {
    const ring = profileRing(path, BOUNDS);
    await ring.add([point(NOON_MS)]);
    await appendFile(join(path, "2026-01-10.log"), "1768046400500 0 -12\nnonsense\n");
    await writeFile(join(path, "notes.txt"), "mine");
    await ring.add([point(NOON_MS + 2)]);
    assert.equal(await ring.find(ALL), [point(NOON_MS), point(NOON_MS + 2)]);
    assert.ok((await readdir(path)).includes("notes.txt"));
  }));

test("is for its owner's eyes", () =>
  inRing(async (path) => {
    await profileRing(path, BOUNDS).add([point(NOON_MS)]);
    assert.is((await stat(path)).mode & 0o777, 0o700);
    assert.is((await stat(join(path, "2026-01-10.log"))).mode & 0o777, 0o600);
  }));

test("says so by code when the disk refuses", () =>
  inRing(async (path) => {
    await writeFile(path, "a file where the directory should be");
    const ring = profileRing(path, BOUNDS);
    await failsWith(() => ring.add([point(NOON_MS)]), "PROFILE_WRITE");
    await failsWith(() => ring.find(ALL), "PROFILE_READ");
  }));

test.run();
