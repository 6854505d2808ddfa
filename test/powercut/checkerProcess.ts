/** Keeps the process that looks at cuts, so that its work does not hold up what listens to the street. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CheckOrder, CheckReport } from "./checker.ts";

const CHECKER_MODULE = join(import.meta.dirname, "checker.ts");

/** Owns the process. */
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
