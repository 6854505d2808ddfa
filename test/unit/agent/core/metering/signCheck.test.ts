/** Which way a meter counts: every finding, and that a turn of the flow is no fault. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterRole } from "../../../../../agent/core/membership/enrolment.ts";
import {
  checkSign,
  isSignSettled,
  type SignFinding,
  type SignSample,
} from "../../../../../agent/core/metering/signCheck.ts";

type Row = readonly [power: number | null, importWh: number | null, exportWh: number | null];
type Case = readonly [name: string, rows: readonly Row[], role: MeterRole | null, finding: SignFinding];

const IMPORTS: readonly Row[] = [
  [800, 100, 5],
  [810, 101, 5],
];
const EXPORTS: readonly Row[] = [
  [-800, 100, 5],
  [-790, 100, 6],
];

const CASES: readonly Case[] = [
  ["a load's meter imports", IMPORTS, "consumption", { kind: "agrees", direction: "import" }],
  ["a generator's meter exports", EXPORTS, "generation", { kind: "agrees", direction: "export" }],
  ["a load's meter that exports is turned round", EXPORTS, "consumption", reversed("export")],
  ["a generator's meter that imports is turned round", IMPORTS, "generation", reversed("import")],
  ["at the grid somebody must say", IMPORTS, "grid", { kind: "ask", direction: "import" }],
  ["without a role somebody must say", EXPORTS, null, { kind: "ask", direction: "export" }],
  [
    "negative power with an import counter that advances is no matter of mounting",
    [
      [-800, 100, 5],
      [-800, 101, 5],
    ],
    "consumption",
    { kind: "contradicts", power: "export", counter: "import" },
  ],
  [
    "positive power with an export counter that advances likewise",
    [
      [800, 100, 5],
      [800, 100, 6],
    ],
    "grid",
    { kind: "contradicts", power: "import", counter: "export" },
  ],
  [
    "both counters at one flow",
    [
      [800, 100, 5],
      [800, 101, 6],
    ],
    "grid",
    { kind: "both-ways" },
  ],
  [
    "power, and no counter moves",
    [...IMPORTS.slice(0, 1), ...IMPORTS.slice(0, 1)],
    "grid",
    { kind: "no-advance" },
  ],
  [
    "an inverter's own consumption at night proves nothing",
    [
      [12, 100, 5],
      [12, 101, 5],
    ],
    "generation",
    { kind: "no-current" },
  ],
  ["nothing was seen", [], "grid", { kind: "no-current" }],
  [
    "a counter without a register for power speaks alone",
    [
      [null, 100, null],
      [null, 101, null],
    ],
    "consumption",
    { kind: "agrees", direction: "import" },
  ],
  [
    "what was counted before the flow turned says nothing, also when it is told a moment late",
    [
      [-800, 100, 5],
      [-800, 100, 6],
      [800, 100, 7],
      [800, 100, 8],
      [800, 100, 8],
    ],
    "consumption",
    { kind: "no-advance" },
  ],
  [
    "after the turn it goes on from there",
    [
      [-800, 100, 5],
      [800, 100, 7],
      [800, 100, 7],
      [800, 101, 7],
    ],
    "consumption",
    { kind: "agrees", direction: "import" },
  ],
];

const test = suite("core/metering/signCheck");

for (const [name, rows, role, finding] of CASES)
  test(name, () => {
    assert.equal(checkSign(rows.map(sampleOf), role), finding);
  });

test("looking longer is of use only while nothing was told", () => {
  assert.equal(
    CASES.map(([, rows, role]) => checkSign(rows.map(sampleOf), role)).filter(
      (found) => !isSignSettled(found),
    ),
    CASES.map(([, , , found]) => found).filter(({ kind }) => /both-ways|no-/.test(kind)),
  );
});

test.run();

function reversed(direction: "import" | "export"): SignFinding {
  return { kind: "reversed", direction };
}

function sampleOf([activePowerW, importWh, exportWh]: Row): SignSample {
  return { activePowerW, importWh, exportWh };
}
