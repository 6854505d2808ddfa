/** `edso status`: what a person needs to see, and the agent's own words for scripts. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ApiClient } from "../../../../agent/cli/dependencies.ts";
import { statusText } from "../../../../agent/cli/statusText.ts";
import type { StatusView } from "../../../../agent/ports/agentView.ts";
import { edso, writeConfig } from "../../../support/cliWorld.ts";
import { statusAt } from "../../../support/fakeAgentView.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("edso status");

test("prints the agent's status as it is with --json", async () => {
  const asked: string[] = [];
  const run = await edso(["status", "--socket", "/run/x.sock", "--json"], {
    agentClient: answering(statusAt(7), asked),
  });
  assert.equal([run.exit, run.error], [0, ""]);
  assert.equal(run.json(), statusAt(7));
  assert.equal(asked, ["/run/x.sock"]);
});

test("finds the socket in the configuration", async () => {
  await withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const asked: string[] = [];
    await edso(["status", "--data", directory], { agentClient: answering(statusAt(7), asked) });
    assert.equal(asked, [`${directory}/agent.sock`]);
  });
});

test("says who is DSO, since when, and who signed the mandate", () => {
  const text = statusText(statusAt(7), false);
  assert.match(text, "DSO          dep1 (meter1aaa), term 2 since height 3");
  assert.match(text, "recall of the DSO before it, height 3, round 1, signed by dep2, dep3");
  const office = statusAt(7).office;
  if (office === null) return assert.unreachable();
  const since = { height: 9, round: null, signedBy: [] };
  const titled = (kind: "genesis" | "term-end") =>
    statusText({ ...statusAt(7), office: { ...office, mandate: { ...since, kind } } }, false);
  assert.match(titled("genesis"), "by the genesis, height 9");
  assert.match(titled("term-end"), "after the end of a term, height 9");
  assert.match(statusText({ ...statusAt(0), office: null }, false), "none yet");
});

test("shows ledger, agreement, voters, outbox and refusals", () => {
  const text = statusText(statusAt(7), false);
  assert.match(text, /ledger +height 7, head 0+7, interval 107 settled/);
  assert.match(text, "agreement    height 8, round 0 since 2026-01-01T00:00:00.000Z");
  assert.match(text, "2 of 3 voters in reach, quorum 2");
  assert.match(text, "1 own reading waits for a block");
  assert.match(text, "refused      BAD_SIGNATURE 3");
  assert.match(text, "gossip       readings accept 7");
});

test("names the meter that answers in place of the enrolled one", () => {
  const { meters } = statusAt(7);
  const other = { state: "missing", reason: "meter-other", answeredBy: "20239784" } as const;
  const text = statusText({ ...statusAt(7), meters: meters.map((meter) => ({ ...meter, ...other })) }, false);
  assert.match(text, "missing: meter-other, 20239784 answers");
});

test("shows orders that are not settled, and actuators, only where there are any", () => {
  assert.not.match(statusText(statusAt(7), false), "actuator");
  const order = { interval: 109, kind: "consumption", maxWh: 20 } as const;
  const device = { definition: "relay-coil", unitId: 3, limits: "consumption", ratedW: 3000 } as const;
  const curtailment = {
    orders: [
      { ...order, acknowledged: true, reason: null },
      { ...order, acknowledged: false, reason: null },
      { ...order, acknowledged: false, reason: "no actuator" },
    ],
    actuators: [
      { ...device, isLimited: true, reason: null },
      { ...device, isLimited: false, reason: null },
      { ...device, isLimited: true, reason: "DRIVER_TIMEOUT" },
    ],
  };
  const lines = statusText({ ...statusAt(7), curtailment }, false).split("\n");
  assert.equal(
    lines.filter((line) => /^ {2}(actuator|order) /.test(line)),
    [
      "  actuator     relay-coil, unit 3, consumption of 3000 W: limited",
      "  actuator     relay-coil, unit 3, consumption of 3000 W: free",
      "  actuator     relay-coil, unit 3, consumption of 3000 W: DRIVER_TIMEOUT",
      "  order        consumption of at most 20 Wh in interval 109: acknowledged",
      "  order        consumption of at most 20 Wh in interval 109: not acknowledged yet",
      "  order        consumption of at most 20 Wh in interval 109: no actuator",
    ],
  );
});

test("says since when no quorum settles, and who is missing, only then", () => {
  assert.not.match(statusText(statusAt(7), false), "no quorum");
  const since = "2026-01-01T00:00:00.000Z";
  const settlement = { state: "no-quorum", since, unsettledIntervals: 4 } as const;
  const text = statusText({ ...statusAt(7), settlement }, false);
  assert.match(text, `settlement   no quorum since ${since}: 2 voters in reach of 2 that it takes`);
  assert.match(text, "4 intervals unsettled, meters are read on");
});

test("says how far behind it is, and who blocks come from, only while it is behind", () => {
  assert.not.match(statusText(statusAt(7), false), "behind");
  const since = "2026-01-01T00:00:00.000Z";
  const behind = (source: string | null) =>
    statusText({ ...statusAt(7), sync: { behindBy: 12, source, since } }, false);
  assert.match(behind("dep2"), `sync         behind by 12 since ${since}; blocks come from dep2`);
  assert.match(behind(null), "nobody has given a block yet");
});

test("warns of a liar that is not survived, of a lost quorum, and of a clock that is not set", () => {
  assert.match(statusText(statusAt(7), false), "bft: false");
  assert.not.match(statusText({ ...statusAt(7), bft: true }, false), "bft");
  const voters = { total: 4, quorum: 3, connected: 2 };
  assert.match(
    statusText({ ...statusAt(7), voters }, false),
    "2 of 4 voters in reach, quorum 3: nothing can be agreed",
  );
  assert.match(statusText({ ...statusAt(7), clock: "unsynchronised" }, false), "clock        unsynchronised");
});

test("says why a gateway only observes", () => {
  const since = "2026-01-01T00:00:00.000Z";
  const hindrances = [
    { code: "STORE_WRITE", because: "the disk is full", since, next: "make room" },
    { code: "LEDGER_BEHIND_VOTES", because: "the ledger was lost", since, next: "nothing" },
  ];
  const text = statusText({ ...statusAt(7), participation: "observer", hindrances }, false);
  for (const line of [
    "  takes part   observes only: the disk is full\n",
    `               code STORE_WRITE, since ${since}\n`,
    "               next: make room\n",
    "               and: the ledger was lost\n",
  ])
    assert.match(text, line);
  assert.match(statusText(statusAt(7), false), "  takes part   as voter\n");
});

test("says when the ledger begins with a certified state", () => {
  assert.not.match(statusText(statusAt(7), false), "certified state");
  const based = { ...statusAt(7), ledger: { ...statusAt(7).ledger, base: 5 } };
  assert.match(statusText(based, false), "begins with block 5, fetched as a certified state");
});

test("shows each meter with its age, and never a number for what is unknown", () => {
  const text = statusText(statusAt(7), false);
  assert.match(text, /generation +sdm120 +1 +-1200 W +2 s +measured/);
  assert.match(text, /consumption +sdm630 +2 +n\/a +n\/a +missing: timeout/);
});

test("has escape codes only where they are wanted", () => {
  assert.not.match(statusText(statusAt(7), false), "\u001b");
  assert.match(statusText(statusAt(7), true), "\u001b[1mdep1\u001b[0m");
});

test.run();

function answering(status: StatusView, asked: string[]): (socketPath: string) => ApiClient {
  const never = () => Promise.reject(new Error("not asked here"));
  return (socketPath) => {
    asked.push(socketPath);
    return {
      status: async () => status,
      intervals: never,
      block: never,
      frames: never,
      dso: never,
      evidence: never,
      policies: never,
      accounts: never,
      castBallot: never,
      bids: never,
      placeBid: never,
      swapMeter: never,
      profile: never,
      submit: never,
      commits: () => {
        throw new Error("not asked here");
      },
    };
  };
}
