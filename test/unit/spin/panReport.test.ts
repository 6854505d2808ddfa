/** What counts as an exhausted search. Reports as pan of Spin 6.5.2 prints them, shortened. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CONFIGURATIONS } from "../../spin/configurations.ts";
import { readPanReport } from "../../spin/panReport.ts";

const reports = suite("reports of pan");

const EXHAUSTED = `
Full statespace search for:
	assertion violations	+
State-vector 84 byte, depth reached 142, errors: 0
   276281 states, stored
hash conflicts:      7331 (resolved)
pan: elapsed time 0.23 seconds
`;
const VIOLATED = `
pan:1: assertion violated  !((((sent[0]&(1<<2))!=0)+1)>=3) (at depth 11)
pan: wrote agreement.pml.trail
Warning: Search not completed
State-vector 84 byte, depth reached 19, errors: 1
     5484 states, stored
`;

reports("a search without errors that was not cut short is exhausted", () => {
  assert.equal(readPanReport(EXHAUSTED), { kind: "exhausted", states: 276_281, depth: 142 });
});

reports("large counts come with an exponent", () => {
  const outcome = readPanReport(EXHAUSTED.replace("276281", "1.2500000e+08"));
  assert.equal(outcome, { kind: "exhausted", states: 125_000_000, depth: 142 });
});

reports("a violated assertion is told with what it claims and the depth it was found at", () => {
  const claim = "!((((sent[0]&(1<<2))!=0)+1)>=3)";
  assert.equal(readPanReport(VIOLATED), { kind: "violated", states: 5_484, depth: 11, claim });
});

reports("nothing is claimed of a search that was cut short, approximate, broken or silent", () => {
  const cuts = [
    `error: max search depth too small\n${EXHAUSTED}`,
    `pan: reached -DMEMLIM bound\n${EXHAUSTED}`,
    `pan: out of memory\n${EXHAUSTED}`,
    `Warning: Search not completed\n${EXHAUSTED}`,
    EXHAUSTED.replace("Full statespace", "Bit statespace"),
    EXHAUSTED.replace("errors: 0", "errors: 1"),
    "",
  ];
  for (const output of cuts) assert.is(readPanReport(output).kind, "incomplete", output);
});

reports("every search has a name of its own, and S1 to S5 are each taken away", () => {
  assert.is(new Set(CONFIGURATIONS.map(({ name }) => name)).size, CONFIGURATIONS.length);
  for (const rule of ["NO_S1", "NO_S2", "NO_S3", "NO_S4", "NO_S5", "MIXED_ROUNDS"])
    assert.ok(
      CONFIGURATIONS.some(({ expected, switches }) => expected === "fork" && switches.includes(rule)),
      rule,
    );
});

reports.run();
