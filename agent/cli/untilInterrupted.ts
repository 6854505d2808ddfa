/** Commands that go on until Ctrl-C: they end in order and still tell what they have found. */
import type { Terminal } from "./terminal.ts";

/**
 * @param terminal whose signals count
 * @param act told by its signal when to end
 * @returns what it returned
 */
export async function untilInterrupted<Result>(
  terminal: Terminal,
  act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interrupted = new AbortController();
  const stop = terminal.onSignal(() => interrupted.abort());
  try {
    return await act(interrupted.signal);
  } finally {
    stop();
  }
}

/** @param ms to wait @param signal that ends it early */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
