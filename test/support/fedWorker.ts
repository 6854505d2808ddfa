/** A worker process that is fed one piece of work after another, and gives a result for each. */
import { type ChildProcess, fork } from "node:child_process";

/** Room for objects that die young: workers make many, and with the usual 16 MiB a warm simulator took half as long again. */
const YOUNG_MIB = 128;

/**
 * @param worker bundled module; it answers each message with one
 * @param next piece of work; undefined ends the worker
 * @param onResult called as each piece ends
 * @throws Error when the worker dies: its piece is not done
 */
export function feedWorker<Work extends object, Result>(
  worker: string,
  next: () => Work | undefined,
  onResult: (result: Result) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(worker, {
      execArgv: [`--max-semi-space-size=${YOUNG_MIB}`],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let isDone = false;
    const feed = (): void => {
      const work = next();
      if (work !== undefined) {
        child.send(work);
        return;
      }
      isDone = true;
      child.disconnect();
    };
    child.on("message", (result: Result) => {
      onResult(result);
      feed();
    });
    child.on("error", reject);
    child.on("exit", (code) => (isDone ? resolve() : reject(new Error(`a worker ended with ${code}`))));
    feed();
  });
}
