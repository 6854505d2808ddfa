/** Runs tasks one after another: what makes check-then-write one step. */
import { JournalError } from "./journalError.ts";

/** A bounded line of tasks; a task that fails does not stop those behind it. */
export class SerialQueue {
  readonly #maxWaiting: number;
  #waiting = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** @param maxWaiting most tasks in line, the running one included; ≥ 1 */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** @param task what to run when its turn comes @returns its result @throws JournalError `JOURNAL_FULL` */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#maxWaiting) throw new JournalError("JOURNAL_FULL", { waiting: this.#waiting });
    this.#waiting += 1;
    const turn = this.#tail.then(task);
    this.#tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
