/** Decides from what happened in a test file's process whether the file passed. */
import type { TestEvent } from "./testEvents.ts";

/** How a test file's process ended. */
export type ProcessEnd = {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when the runner killed it: its time limit in seconds. */
  readonly timeLimitSeconds: number | null;
  /** Processes of its group that lived on. */
  readonly leftRunning: readonly number[];
  /** True when a process outside its group still has its output open. */
  readonly isOutputHeld: boolean;
};

/** The judgement of one file: counted tests, and what is wrong with the file as a whole. */
export type FileJudgement = {
  readonly passed: number;
  /** Failed tests, plus one when there are problems. */
  readonly failed: number;
  readonly failedTests: readonly string[];
  readonly problems: readonly string[];
  /** What this machine cannot run, and why; counted nowhere. */
  readonly leftOut: readonly string[];
};

type EventOf<K extends TestEvent["kind"]> = Extract<TestEvent, { kind: K }>;

/** @param events of the file's process @param end how that process ended @returns counts and problems */
export function judgeFile(events: readonly TestEvent[], end: ProcessEnd): FileJudgement {
  const failedTests = ofKind(events, "failed").map((event) => event.test);
  const found = [
    ...importProblems(events),
    ...suiteProblems(events),
    ...hookProblems(events),
    ...runProblems(events),
    ...endProblems(events, end),
  ];
  const hasUnexplainedExit = end.exitCode !== 0 && failedTests.length === 0 && found.length === 0;
  const problems = hasUnexplainedExit ? [`exit code ${end.exitCode}`] : found;
  return {
    passed: ofKind(events, "passed").length,
    failed: failedTests.length + (problems.length === 0 ? 0 : 1),
    failedTests,
    problems,
    leftOut: ofKind(events, "leftOut").map(({ what, reason }) => `${what}: ${reason}`),
  };
}

function importProblems(events: readonly TestEvent[]): string[] {
  const failed = ofKind(events, "importFailed");
  if (failed.length > 0) return failed.map((event) => `threw at import: ${event.message}`);
  const isEmpty = ofKind(events, "registered").length === 0 && ofKind(events, "leftOut").length === 0;
  return isEmpty ? ["registers no test"] : [];
}

function suiteProblems(events: readonly TestEvent[]): string[] {
  if (ofKind(events, "importFailed").length > 0) return [];
  const registered = new Set(ofKind(events, "registered").map((event) => event.suite));
  const run = new Set(ofKind(events, "run").map((event) => event.suite));
  return ofKind(events, "suite").flatMap(({ suite, name }) => [
    ...(registered.has(suite) ? [] : [`suite "${name}" has no test`]),
    ...(run.has(suite) ? [] : [`suite "${name}" never calls .run()`]),
  ]);
}

function hookProblems(events: readonly TestEvent[]): string[] {
  return ofKind(events, "hookFailed").map((event) => `hook ${event.hook} threw: ${event.message}`);
}

function runProblems(events: readonly TestEvent[]): string[] {
  const only = ofKind(events, "only").map((event) => `uses .only: "${event.test}"`);
  const skipped = ofKind(events, "skipped").map((event) => `skips a test: "${event.test}"`);
  const registered = ofKind(events, "registered").length;
  const ended = ofKind(events, "passed").length + ofKind(events, "failed").length;
  const missing = ended < registered ? [`ran ${ended} of ${registered} tests`] : [];
  return [...only, ...skipped, ...missing, ...unendedTest(events)];
}

function unendedTest(events: readonly TestEvent[]): string[] {
  const last = events.findLast((event) => ["started", "passed", "failed"].includes(event.kind));
  return last?.kind === "started" ? [`"${last.test}" never ended`] : [];
}

function endProblems(events: readonly TestEvent[], end: ProcessEnd): string[] {
  const uncaught = ofKind(events, "uncaught").map((event) => `uncaught: ${event.message}`);
  const handles = ofKind(events, "openHandle").map(
    (event) => `lives on after its last test: ${event.handles.join(", ") || "unknown handle"}`,
  );
  return [...uncaught, ...handles, ...leftBehind(end), ...earlyEnd(events, end)];
}

function leftBehind(end: ProcessEnd): string[] {
  if (end.leftRunning.length > 0) return [`left running: process ${end.leftRunning.join(", ")}`];
  return end.isOutputHeld ? ["left running: a detached process that holds its output"] : [];
}

function earlyEnd(events: readonly TestEvent[], end: ProcessEnd): string[] {
  if (end.timeLimitSeconds !== null) return [`killed at its time limit of ${end.timeLimitSeconds} s`];
  if (end.signal !== null) return [`killed by ${end.signal}`];
  const isExplained = events.some(({ kind }) => kind === "finished" || kind === "importFailed");
  return isExplained ? [] : [`exited with ${end.exitCode} before its tests had ended`];
}

function ofKind<K extends TestEvent["kind"]>(events: readonly TestEvent[], kind: K): readonly EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind);
}
