/** `npm run bench:faults`: the fault matrix as an installation has it: 9600 baud, default pauses and time limits. */
import { closingLine } from "../support/runTests.ts";
import { systemNowMs } from "../support/simulatedLine.ts";
import { faultCases } from "./faultCases.ts";
import { isHarmless, type MatrixOptions, type MatrixRow, runCase } from "./faultMatrix.ts";
import { THREE_MAKES } from "./threeMakes.ts";

/** Longer than the time limit of any of the three, shorter than it with the limit of the next attempt. */
const LATE_BY_MS = 1_300;
const COLUMNS = [
  "fault",
  "meters",
  "accepted",
  "refused",
  "wrong",
  "others failed",
  "lost",
  "recovery ms",
  "missing",
];

const OPTIONS: MatrixOptions = {
  definitions: THREE_MAKES,
  tuning: {},
  thinkTimeMs: 30,
  hasWireTime: true,
  faultyRounds: 3,
  nowMs: systemNowMs,
};

process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  console.log(`| ${COLUMNS.join(" | ")} |\n|${COLUMNS.map(() => "---").join("|")}|`);
  let failed = 0;
  let passed = 0;
  for (const fault of faultCases({ lateByMs: LATE_BY_MS }))
    for (const meters of [1, THREE_MAKES.length]) {
      const row = await runCase(fault, meters, OPTIONS);
      console.log(rowText(row));
      if (isHarmless(row)) passed++;
      else failed++;
    }
  console.log(closingLine({ passed, failed }));
  return failed === 0;
}

function rowText(row: MatrixRow): string {
  const { fault, meters, accepted, refused, wrong, othersFailed, lost, recoveryMs, missing } = row;
  const cells = [fault, meters, accepted, refused, wrong, othersFailed, lost, recoveryMs, missing];
  return `| ${cells.join(" | ")} |`;
}
