import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  addInterval,
  callOf,
  header,
  intervalLine,
  intervalTable,
  type ReportedInterval,
  type RunTotals,
  shellWord,
  summary,
} from "../../../../agent/cli/demoReport.ts";
import type { Hash } from "../../../../agent/core/hash.ts";
import type { IntervalView, MemberView } from "../../../../agent/ports/agentView.ts";

const HEAD = `3fa9${"0".repeat(60)}` as Hash;
const OTHER_HEAD = `77c1${"0".repeat(60)}` as Hash;
const ESCAPE = "\u001b[";

const member = (name: string, generatedWh: number, consumedWh: number): MemberView => ({
  name,
  address: `meter1${name}`,
  generatedWh,
  consumedWh,
  positionWh: generatedWh - consumedWh,
  soldWh: 0,
  boughtWh: 0,
  curtailedWh: 0,
  order: null,
  missing: false,
});

const view: IntervalView = {
  schema: "edso.interval/2",
  height: 3,
  interval: 350_000_002,
  dso: "meter1dep2",
  term: 1,
  members: [
    { ...member("dep1", 412, 120), soldWh: 245 },
    { ...member("dep2", 90, 180), boughtWh: 90 },
    { ...member("home4", 0, 155), boughtWh: 155 },
    {
      ...member("dep3", 0, 0),
      generatedWh: null,
      consumedWh: null,
      positionWh: null,
      missing: true,
    },
  ],
  trades: [
    { from: "dep1", to: "dep2", wh: 90 },
    { from: "dep1", to: "home4", wh: 155 },
  ],
  signal: { excessWh: 292, deficitWh: 245, unmetWh: 0, unsoldWh: 47 },
  stop: "no-deficit",
  settlement: {
    policyVersion: 1,
    price: "180000",
    ineligible: ["dep3"],
    trades: [
      { paid: "16200", received: "16200", fee: "180", carbon: "0" },
      { paid: "27900", received: "27900", fee: "310", carbon: "0" },
    ],
    residuals: [{ member: "dep1", kind: "fed-in", wh: 47, price: "80000", amount: "3760", carbon: "0" }],
    accounts: [
      { account: "dep1", change: "47860" },
      { account: "dep2", change: "-16380" },
      { account: "fees", change: "490" },
    ],
  },
};

const agreed: ReportedInterval = {
  view,
  heads: { dep1: HEAD, dep2: HEAD, dep3: HEAD, home4: HEAD },
  living: 4,
  sinceFirst: 2,
};

/** Each key with the test of its value; the object has these keys and no other. */
type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isInteger = (value: unknown) => Number.isSafeInteger(value);
const isEnergyOrUnknown = (value: unknown) => value === null || isInteger(value);
const isMicroCoins = (value: unknown) => typeof value === "string" && /^-?\d+$/.test(value);
const isText = (value: unknown) => typeof value === "string" && value.length > 0;
const has =
  (shape: Shape) =>
  (value: unknown): boolean => {
    if (typeof value !== "object" || value === null) return false;
    const entries = Object.entries(value);
    const keysMatch = entries.map(([key]) => key).join() === Object.keys(shape).join();
    return keysMatch && entries.every(([key, field]) => shape[key]!(field));
  };
const listOf = (isItem: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(isItem);

const isOrder = has({
  kind: (value) => ["consumption", "generation"].includes(String(value)),
  maxWh: isInteger,
  measuredWh: isEnergyOrUnknown,
  acknowledged: (value) => typeof value === "boolean",
  result: (value) => ["complied", "exceeded", "unknown"].includes(String(value)),
});
const isIntervalLine = has({
  schema: (value) => value === "edso.interval/2",
  height: isInteger,
  interval: isInteger,
  dso: isText,
  term: isInteger,
  members: listOf(
    has({
      name: isText,
      address: isText,
      generatedWh: isEnergyOrUnknown,
      consumedWh: isEnergyOrUnknown,
      positionWh: isEnergyOrUnknown,
      soldWh: isInteger,
      boughtWh: isInteger,
      curtailedWh: isInteger,
      order: (value) => value === null || isOrder(value),
      missing: (value) => typeof value === "boolean",
    }),
  ),
  trades: listOf(has({ from: isText, to: isText, wh: isInteger })),
  signal: has({ excessWh: isInteger, deficitWh: isInteger, unmetWh: isInteger, unsoldWh: isInteger }),
  stop: (value) => ["no-deficit", "no-excess", "balanced", "limits"].includes(String(value)),
  settlement: has({
    policyVersion: isInteger,
    price: (value) => value === null || isMicroCoins(value),
    ineligible: listOf(isText),
    trades: listOf(
      has({ paid: isMicroCoins, received: isMicroCoins, fee: isMicroCoins, carbon: isMicroCoins }),
    ),
    residuals: listOf(
      has({
        member: isText,
        kind: (value) => ["bought", "fed-in", "imbalance"].includes(String(value)),
        wh: isInteger,
        price: isMicroCoins,
        amount: isMicroCoins,
        carbon: isMicroCoins,
      }),
    ),
    accounts: listOf(has({ account: isText, change: isMicroCoins })),
  }),
  heads: (value) => Object.values(value as object).every((head) => /^[0-9a-f]{64}$/.test(String(head))),
});

const json = suite("demo report as JSON");

json("is one line with exactly the keys of edso.interval/2", () => {
  const line = intervalLine(agreed);
  assert.not.match(line, /\n/);
  assert.ok(isIntervalLine(JSON.parse(line)), line);
});

json("adds nothing that a gateway may say beyond the schema", () => {
  const talkative = {
    ...view,
    extra: 1,
    members: [{ ...view.members[0]!, note: "x" }],
    settlement: { ...view.settlement!, note: "x" },
  };
  assert.ok(isIntervalLine(JSON.parse(intervalLine({ ...agreed, view: talkative }))));
});

json("carries the figures unchanged, and null for what a missing member is not known to have used", () => {
  const told = JSON.parse(intervalLine(agreed));
  assert.equal(told, { ...view, heads: agreed.heads });
  assert.is(told.members[3].consumedWh, null);
});

json("fails the check when a key is absent", () => {
  const { stop: _, ...incomplete } = JSON.parse(intervalLine(agreed));
  assert.not.ok(isIntervalLine(incomplete));
});

json.run();

const table = suite("demo report as a table");

table("shows what members were ordered, whether they said that they would act, and what came of it", () => {
  const order = {
    kind: "consumption",
    maxWh: 20,
    measuredWh: 20,
    acknowledged: true,
    result: "complied",
  } as const;
  const [first, second, third, fourth] = view.members as [MemberView, MemberView, MemberView, MemberView];
  const members: readonly MemberView[] = [
    { ...first, order: { ...order, kind: "generation" } },
    { ...second, order },
    { ...third, order: { ...order, measuredWh: 155, acknowledged: false, result: "exceeded" } },
    { ...fourth, order: { ...order, measuredWh: null, result: "unknown" } },
  ];
  const text = intervalTable({ ...agreed, view: { ...view, members } }, false);
  assert.equal(
    text.split("\n").filter((line) => line.startsWith("  order")),
    [
      "  order   dep1 may feed in at most 20 Wh: acknowledged, 20 Wh measured, obeyed",
      "  order   dep2 may draw at most 20 Wh: acknowledged, 20 Wh measured, obeyed",
      "  order   home4 may draw at most 20 Wh: not acknowledged, 155 Wh measured, exceeded",
      "  order   dep3 may draw at most 20 Wh: acknowledged, nothing measured, unknown",
    ],
  );
});

table("is this text", () => {
  assert.is(
    intervalTable(agreed, false),
    [
      "09:30–09:45  interval 350000002  height 3  DSO dep2, term 1  head 3fa900000000, 4 of 4 gateways agree",
      "  member       E_G Wh     E_C Wh   position       sold     bought  curtailed",
      "  dep1            412        120       +292        245          0          0",
      "  dep2             90        180        -90          0         90          0",
      "  home4             0        155       -155          0        155          0",
      "  dep3        missing          -          -          0          0          0",
      "  trades  dep1 → dep2 90 Wh, dep1 → home4 155 Wh",
      "  signal  excess 292 Wh, deficit 245 Wh, unmet 0 Wh, unsold 47 Wh; stop: no deficit left",
      "  coins   0.180000 a kWh; dep1 +0.047860, dep2 -0.016380; may not buy: dep3",
      "",
    ].join("\n"),
  );
});

table("says how many gateways agree, of those that run", () => {
  const lagging = intervalTable({ ...agreed, heads: { dep1: HEAD, dep2: HEAD } }, false);
  assert.match(lagging, "2 of 4 gateways agree");
  assert.not.match(lagging, "DIFFER");
});

table("says so when heads differ", () => {
  const forked = intervalTable({ ...agreed, heads: { dep1: HEAD, dep2: OTHER_HEAD, dep3: HEAD } }, false);
  assert.match(forked, "head 3fa900000000, 2 of 4 gateways agree, HEADS DIFFER");
});

table("says none when nothing was traded", () => {
  assert.match(intervalTable({ ...agreed, view: { ...view, trades: [] } }, false), "trades  none");
});

table("has escape codes only when colour is wanted", () => {
  assert.ok(intervalTable(agreed, true).includes(ESCAPE));
  assert.not.ok(intervalTable(agreed, false).includes(ESCAPE));
});

table("runs past midnight", () => {
  assert.match(intervalTable({ ...agreed, sinceFirst: 59 }, false), "23:45–00:00");
  assert.match(intervalTable({ ...agreed, sinceFirst: 60 }, false), "00:00–00:15");
});

table.run();

const frame = suite("demo report around the intervals");
const nothing: RunTotals = { intervals: 0, tradedWh: 0, offices: [] };

frame("says in the header that the meters run in time-lapse", () => {
  const text = header({
    gateways: 4,
    consumerOnly: 1,
    mode: "islanded",
    seed: "42",
    intervalSeconds: 5,
    timeLapse: 180,
    dataDir: "/tmp/street",
    firstIntervalAt: "2026-01-01T00:00:05Z",
  });
  assert.match(
    text,
    "an interval of 5 s stands for 15 minutes of metered energy (180 metered seconds per second)",
  );
  assert.match(text, "the simulated day begins at 09:00");
  assert.match(text, "4 gateways, islanded: 3 with generation and load, 1 with load only; seed 42");
});

frame("sums what was traded and names each DSO once per term", () => {
  const successor = { ...view, dso: "meter1dep1", term: 2 };
  const totals = [view, view, successor].reduce(addInterval, nothing);
  assert.equal(totals, {
    intervals: 3,
    tradedWh: 735,
    offices: [
      { name: "dep2", term: 1 },
      { name: "dep1", term: 2 },
    ],
  });
  const text = summary(totals, "/tmp/my street/dep1", "edso");
  assert.match(text, "3 intervals committed, 735 Wh traded, in office: dep2 (term 1), dep1 (term 2)");
  assert.match(text, "  edso ledger verify --data '/tmp/my street/dep1'");
});

frame("names this program as the shell finds it", () => {
  assert.is(callOf("/usr/bin/edso", "/home/x"), "edso");
  assert.is(callOf("/home/x/dist/edso.js", "/home/x"), "node dist/edso.js");
  assert.is(callOf("/home/x/agent/main.ts", "/home/x"), "npx tsx agent/main.ts");
});

frame("quotes what a shell would split or expand", () => {
  assert.is(shellWord("/tmp/street-1"), "/tmp/street-1");
  assert.is(shellWord("it's $HOME"), `'it'\\''s $HOME'`);
});

frame.run();
