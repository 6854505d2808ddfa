/** Keeps the processes that look at cuts, so that their work does not hold up what listens to the street. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CheckOrder, CheckReport } from "./checker.ts";

const CHECKER_MODULE = join(import.meta.dirname, "checker.ts");

/** Cuts that are looked at at the same time: looking mostly waits, for the disk and for its turn. */
const CHECKERS = 3;

/** Owns the processes. */
export class Checkers {
  readonly #all = Array.from({ length: CHECKERS }, () => new Checker());
  readonly #idle = [...this.#all];
  readonly #waiting: ((checker: Checker) => void)[] = [];

  /** @returns once one of them is free */
  async free(): Promise<Checker> {
    return this.#idle.pop() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @param checker that has done its work */
  release(checker: Checker): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(checker);
    else next(checker);
  }

  /** Ends them. */
  async stop(): Promise<void> {
    await Promise.all(this.#all.map((checker) => checker.stop()));
  }
}

/** Owns one process. */
export class Checker {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, ["--import", "tsx", CHECKER_MODULE], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    });
  }

  /** @param order image and what was told @returns what was found */
  check(order: CheckOrder): Promise<CheckReport> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error("the checker ended"));
      this.#child.once("exit", onExit);
      this.#child.once("message", (report: CheckReport) => {
        this.#child.off("exit", onExit);
        resolve(report);
      });
      this.#child.send(order);
    });
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }
}
