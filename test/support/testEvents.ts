/** What a test file's process tells the runner while it runs: one JSON line per event, so that a kill loses nothing. */
import { appendFileSync, readFileSync } from "node:fs";

/** One thing that happened in a test file. `suite` counts from 0 in order of creation. */
export type TestEvent =
  | { readonly kind: "suite"; readonly suite: number; readonly name: string }
  | { readonly kind: "registered"; readonly suite: number; readonly test: string }
  | { readonly kind: "only"; readonly suite: number; readonly test: string }
  | { readonly kind: "skipped"; readonly suite: number; readonly test: string }
  | { readonly kind: "run"; readonly suite: number }
  | { readonly kind: "started"; readonly suite: number; readonly test: string }
  | { readonly kind: "passed"; readonly suite: number; readonly test: string }
  | { readonly kind: "failed"; readonly suite: number; readonly test: string }
  | { readonly kind: "hookFailed"; readonly suite: number; readonly hook: string; readonly message: string }
  | { readonly kind: "importFailed"; readonly message: string }
  | { readonly kind: "uncaught"; readonly message: string }
  | { readonly kind: "leftOut"; readonly what: string; readonly reason: string }
  | { readonly kind: "finished" }
  | { readonly kind: "openHandle"; readonly handles: readonly string[] };

/** Takes one event. */
export type RecordEvent = (event: TestEvent) => void;

/** @param path report file of this process @returns a recorder that has written when it returns */
export function recordTo(path: string): RecordEvent {
  return (event) => appendFileSync(path, `${JSON.stringify(event)}\n`);
}

/** @param path report file @returns its events; a last line cut by a kill is left out */
export function readEvents(path: string): readonly TestEvent[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line) as TestEvent);
}
