/** Work that is performed one piece at a time, in the order in which it came. */

/** A queue that works by itself while there is something in it. */
export type WorkQueue<Work> = {
  /** Appends work; after {@link WorkQueue.stop} it is dropped. */
  readonly push: (work: Work) => void;
  /** @returns pieces that wait, without the one that is being performed */
  readonly waiting: () => number;
  /** Lets the piece that is being performed finish; nothing follows. */
  readonly stop: () => void;
};

/**
 * @param perform one piece; the next waits for it
 * @param onFailure told once when `perform` throws; nothing follows then either
 * @returns an empty queue
 */
export function workQueue<Work>(
  perform: (work: Work) => Promise<void>,
  onFailure: (error: unknown) => void,
): WorkQueue<Work> {
  const waiting: Work[] = [];
  let isRunning = false;
  let isStopped = false;
  const run = async () => {
    isRunning = true;
    try {
      for (let next = waiting.shift(); next !== undefined && !isStopped; next = waiting.shift())
        await perform(next);
    } catch (error) {
      isStopped = true;
      onFailure(error);
    } finally {
      isRunning = false;
    }
  };
  return {
    push: (work) => {
      if (isStopped) return;
      waiting.push(work);
      if (!isRunning) void run();
    },
    waiting: () => waiting.length,
    stop: () => {
      isStopped = true;
    },
  };
}
