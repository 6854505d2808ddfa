/** The runner judges files that uvu alone lets pass, and files that are good. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boundedText } from "../support/boundedText.ts";
import { findTestFiles } from "../support/findTestFiles.ts";
import { judgeFile } from "../support/judgeFile.ts";
import { isLiving, killGroup, livingProcesses } from "../support/processGroup.ts";
import { type FileResult, runTestFile } from "../support/runTestFile.ts";
import { isPassed, runTests } from "../support/runTests.ts";
import type { TestEvent } from "../support/testEvents.ts";
import { timeLimitSeconds } from "../support/timeLimit.ts";

type Expected = {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly problem: RegExp | null;
  readonly limitSeconds?: number;
};

const bad = (file: string): string =>
  fileURLToPath(new URL(`../support/badFiles/${file}.ts`, import.meta.url));

const FILES: readonly Expected[] = [
  { file: "good", passed: 3, failed: 0, problem: null },
  { file: "failingTest", passed: 1, failed: 1, problem: null },
  { file: "beforeThrows", passed: 0, failed: 1, problem: /hook before threw: Error: hook broke/ },
  { file: "afterThrows", passed: 2, failed: 1, problem: /hook after threw: Error: hook broke/ },
  { file: "beforeEachThrows", passed: 0, failed: 1, problem: /hook before\.each threw: Error: hook broke/ },
  { file: "afterEachThrows", passed: 1, failed: 1, problem: /hook after\.each threw: Error: hook broke/ },
  { file: "missingRun", passed: 1, failed: 1, problem: /suite "forgotten" never calls \.run\(\)/ },
  { file: "only", passed: 1, failed: 1, problem: /uses \.only: "adds"/ },
  { file: "skip", passed: 1, failed: 1, problem: /skips a test: "would fail"/ },
  { file: "noTest", passed: 0, failed: 1, problem: /registers no test/ },
  { file: "emptySuite", passed: 1, failed: 1, problem: /suite "table" has no test/ },
  { file: "importThrows", passed: 0, failed: 1, problem: /threw at import: Error: broken fixture/ },
  { file: "openHandle", passed: 1, failed: 1, problem: /lives on after its last test: .*TCPServerWrap/ },
  { file: "neverEnds", passed: 1, failed: 1, problem: /killed at its time limit of 5 s/, limitSeconds: 5 },
  { file: "neverSettles", passed: 1, failed: 1, problem: /"waits" never ended/ },
  { file: "exitsMidway", passed: 1, failed: 1, problem: /ran 1 of 3 tests/ },
  { file: "exitsAtImport", passed: 0, failed: 1, problem: /registers no test/ },
  { file: "unawaitedRejection", passed: 1, failed: 1, problem: /uncaught: Assertion/ },
  { file: "registersLate", passed: 1, failed: 1, problem: /ran 1 of 2 tests/ },
  { file: "leavesProcess", passed: 1, failed: 1, problem: /left running: process \d+/ },
  { file: "leavesDetached", passed: 1, failed: 1, problem: /left running: a detached process/ },
  { file: "declaresTooMuch", passed: 0, failed: 1, problem: /time limit of 601 s/ },
  { file: "noSuchFile", passed: 0, failed: 1, problem: /ENOENT/ },
];

/** Files that take seconds of waiting; they run beside the others. */
const SLOW: ReadonlySet<string> = new Set(["neverEnds", "openHandle", "leavesProcess", "leavesDetached"]);

const run = ({ file, limitSeconds }: Expected): Promise<FileResult> =>
  runTestFile(bad(file), limitSeconds === undefined ? {} : { limitSeconds });
const slow = new Map(FILES.filter(({ file }) => SLOW.has(file)).map((row) => [row.file, run(row)]));

const judging = suite("runner: files");
for (const row of FILES) {
  const { file, passed, failed, problem } = row;
  judging(`judges ${file}: ${passed} passed, ${failed} failed`, async () => {
    const result = await (slow.get(file) ?? run(row));
    const seen = `${JSON.stringify(result.problems)}\n${result.output}`;
    assert.is(result.passed, passed, seen);
    assert.is(result.failed, failed, seen);
    if (problem === null) assert.equal(result.problems, [], seen);
    else assert.match(result.problems.join("\n"), problem);
  });
}

judging("kills the process that a file left running", async () => {
  const result = await slow.get("leavesProcess");
  const pid = Number(/process (\d+)/.exec(result?.problems.join() ?? "")?.[1]);
  assert.ok(pid > 1);
  while (isLiving(pid)) await sleep(10);
});

judging("names the tests that failed", async () => {
  assert.equal((await runTestFile(bad("failingTest"))).failedTests, ["is wrong"]);
});

judging("keeps the beginning and the end of a flood", async () => {
  const { output } = await runTestFile(bad("floods"));
  assert.match(output, "beginning of the flood");
  assert.match(output, "end of the flood");
  assert.ok(output.length < 150_000, `${output.length} characters`);
});

judging("stops a file when it is interrupted", async () => {
  const interrupt = new AbortController();
  const running = runTestFile(bad("neverEnds"), { signal: interrupt.signal });
  await sleep(100);
  interrupt.abort();
  assert.match((await running).problems.join("\n"), "killed by SIGKILL");
});
judging.run();

const closing = suite("runner: closing line");

closing("counts tests and adds one failure for a file as a whole", async () => {
  const lines: string[] = [];
  const plan = { parallel: [bad("good"), bad("only")], serial: [[bad("failingTest")]] };
  const totals = await runTests(plan, {}, (line) => lines.push(line));
  assert.is(lines.at(-1), "5 passed, 2 failed");
  assert.equal(totals, { passed: 5, failed: 2 });
  assert.not(isPassed(totals));
});

closing("never runs two files of a serial list at a time, and loses none", async () => {
  const serial = [Array<string>(3).fill(bad("wantsToBeAlone")), [bad("good")]];
  const plan = { parallel: [bad("good"), bad("good")], serial };
  assert.equal(await runTests(plan, {}, () => {}), { passed: 12, failed: 0 });
});

closing("prints one line for a good file and the whole output of a bad one", async () => {
  const lines: string[] = [];
  await runTests({ parallel: [], serial: [[bad("good"), bad("failingTest")]] }, {}, (line) =>
    lines.push(line),
  );
  assert.match(lines[0] ?? "", /^ok {4}.*good\.ts {2}3 passed {2}\d+\.\d s$/);
  assert.match(lines[1] ?? "", /^FAIL {2}.*failingTest\.ts {2}1 passed, 1 failed/);
  assert.match(lines[1] ?? "", /Expected values to be strictly equal/);
});

closing("passes when all passed", async () => {
  assert.ok(isPassed(await runTests({ parallel: [bad("good")], serial: [] }, {}, () => {})));
});

closing("fails when there is nothing to run", async () => {
  const lines: string[] = [];
  const totals = await runTests({ parallel: [], serial: [] }, {}, (line) => lines.push(line));
  assert.is(lines.at(-1), "0 passed, 1 failed");
  assert.not(isPassed(totals));
});

closing("does not pass a run in which nothing failed and nothing passed", () => {
  assert.not(isPassed({ passed: 0, failed: 0 }));
});

closing("npm's command fails on a pattern that matches no file", () => {
  const run = fileURLToPath(new URL("../run.ts", import.meta.url));
  const result = spawnSync(process.execPath, ["--import", "tsx", run, "unit/runner", "no/such/file"], {
    encoding: "utf8",
  });
  assert.is(result.status, 1);
  assert.match(result.stdout, 'no test file matches "no/such/file"');
  assert.is(result.stdout.trimEnd().split("\n").at(-1), "0 passed, 1 failed");
});
closing.run();

const parts = suite("runner: parts");

parts("finds test files in every room but those with scripts of their own", () => {
  const root = mkdtempSync(join(tmpdir(), "edso-find-"));
  const files = ["a.test.ts", "unit/core/b.test.ts", "e2e/c.test.ts", "unit/notATest.ts"];
  const others = ["sim/d.test.ts", "bench/e.test.ts", "hardware/f.test.ts", "support/g.test.ts"];
  for (const file of [...files, ...others]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  const found = findTestFiles(root);
  rmSync(root, { recursive: true });
  assert.equal(
    found,
    ["a.test.ts", "e2e/c.test.ts", "unit/core/b.test.ts"].map((file) => join(root, file)),
  );
});

parts("takes the time limit from a file's first lines, else 120 s", () => {
  assert.is(timeLimitSeconds("/** Long. */\n// time limit: 300 s\n"), 300);
  assert.is(timeLimitSeconds("/** Short. */\n"), 120);
  assert.is(timeLimitSeconds(`${"\n".repeat(10)}// time limit: 300 s\n`), 120);
  assert.throws(() => timeLimitSeconds("// time limit: 0 s"), /outside 1 to 600/);
});

parts("bounds what it keeps of an output", () => {
  const text = boundedText(4);
  for (const piece of ["ab", "cdef", "ghij", "kl"]) text.append(piece);
  assert.is(text.read(), "abcd\n… 4 characters left out …\nijkl");
});

parts("an empty group has no living processes and may be killed", () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""], { detached: true } as object);
  assert.equal(livingProcesses(pid), []);
  killGroup(pid);
});

parts("what a machine lacks is told and counted nowhere, and is a failure in CI", async () => {
  const { CI } = process.env;
  try {
    process.env.CI = "";
    const elsewhere = await runTestFile(bad("leavesOut"));
    assert.equal([elsewhere.passed, elsewhere.failed], [0, 0]);
    assert.equal(elsewhere.leftOut, ["a counterpart: missing mbpoll"]);
    process.env.CI = "true";
    const inCi = await runTestFile(bad("leavesOut"));
    assert.equal([inCi.passed, inCi.failed], [0, 1]);
    assert.match(inCi.problems.join(), /a counterpart: missing mbpoll/);
  } finally {
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  }
});

parts("a non-zero exit that nothing explains is a failure", () => {
  const events: readonly TestEvent[] = [
    { kind: "suite", suite: 0, name: "sums" },
    { kind: "registered", suite: 0, test: "adds" },
    { kind: "run", suite: 0 },
    { kind: "started", suite: 0, test: "adds" },
    { kind: "passed", suite: 0, test: "adds" },
    { kind: "finished" },
  ];
  const end = { signal: null, timeLimitSeconds: null, leftRunning: [], isOutputHeld: false };
  assert.is(judgeFile(events, { ...end, exitCode: 0 }).failed, 0);
  assert.equal(judgeFile(events, { ...end, exitCode: 3 }).problems, ["exit code 3"]);
});
parts.run();
