/** `edso meter profile`: which time is asked for, page by page, and how the points are shown. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unixMs } from "../../../../agent/core/units.ts";
import type { ProfilePoint, ProfileQuery } from "../../../../agent/ports/profileStore.ts";
import { type CliOverrides, edso } from "../../../support/cliWorld.ts";
import { statusAt } from "../../../support/fakeAgentView.ts";

const UNTIL_MS = Date.UTC(2026, 0, 31, 12);
const ARGS = ["meter", "profile", "--socket", "x", "--until", "2026-01-31T12:00:00Z"];
const POINT: ProfilePoint = {
  atMs: unixMs(UNTIL_MS - 5_000),
  meter: 1,
  activePowerW: 730,
  importWh: 1_234,
  exportWh: null,
};

const test = suite("edso meter profile");

test("asks for an hour up to the time given, and shows each point with its meter's role", async () => {
  const { asked, run } = await ran(ARGS, () => [POINT]);
  assert.is(run.exit, 0, run.error);
  assert.equal(asked, [{ fromMs: UNTIL_MS - 3_600_000, toMs: UNTIL_MS, limit: 20_000 }]);
  assert.match(run.out, /2026-01-31T11:59:55.000Z +consumption +730 +1234 +n\/a/);
});

test("prints a line of JSON for each point", async () => {
  const { run } = await ran([...ARGS, "--json", "--minutes", "5"], () => [POINT, { ...POINT, meter: 0 }]);
  const lines = run.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(
    lines.map(({ schema, role }) => `${schema} ${role}`),
    ["edso.profile-point/1 consumption", "edso.profile-point/1 generation"],
  );
  assert.is(lines[0].at, "2026-01-31T11:59:55.000Z");
});

test("asks on where an answer was full, and shows no point twice", async () => {
  const all = Array.from(
    { length: 30_001 },
    (_, index): ProfilePoint => ({
      ...POINT,
      atMs: unixMs(UNTIL_MS - 3_600_000 + Math.floor(index / 2) * 100),
      meter: index % 2,
    }),
  );
  const { asked, run } = await ran([...ARGS, "--json"], ({ fromMs, limit }) =>
    all.filter(({ atMs }) => atMs >= fromMs).slice(0, limit),
  );
  assert.is(asked.length, 2);
  const lines = run.out.trim().split("\n");
  assert.equal([lines.length, new Set(lines).size], [all.length, all.length]);
});

test("says that there is none, and why", async () => {
  assert.match((await ran(ARGS, () => [])).run.out, "no point is kept of that time");
  const { run } = await ran(ARGS, () => null);
  assert.is(run.exit, 66);
  assert.match(run.error, "code: PROFILE_NOT_KEPT");
});

test("is not understood with another time", async () => {
  for (const more of [
    ["--until", "yesterday"],
    ["--minutes", "0"],
    ["--minutes", "x"],
  ]) {
    const { run } = await ran([...ARGS, ...more], () => []);
    assert.is(run.exit, 64, more.join(" "));
  }
});

test.run();

async function ran(args: readonly string[], answer: (query: ProfileQuery) => readonly ProfilePoint[] | null) {
  const asked: ProfileQuery[] = [];
  const profile = async (query: ProfileQuery) => {
    asked.push(query);
    return answer(query);
  };
  const client = { profile, status: async () => statusAt(1) };
  const agentClient = (() => client) as unknown as NonNullable<CliOverrides["agentClient"]>;
  return { asked, run: await edso(args, { agentClient }) };
}
