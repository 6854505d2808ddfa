/**
 * Reads what `strace -f -y -xx -s BIG -o FILE` wrote of writes and syncs: which began and which ended, in the order in
 * which the kernel stopped the threads for it. Only calls that the tests ask about are read.
 *
 * @source strace(1), "-f", "-y", "-xx"; a call that another thread interrupts is printed twice, unfinished and resumed
 */

/** Calls that are read. */
export const TRACED_CALLS = [
  "write",
  "writev",
  "sendto",
  "sendmsg",
  "pwrite64",
  "pwritev",
  "fdatasync",
  "fsync",
] as const;
/** Name of one. */
export type TracedCall = (typeof TRACED_CALLS)[number];

/** One call. */
export type TracedEvent = {
  readonly call: TracedCall;
  /** What the descriptor is, as `-y` says: a path, or `socket:[…]`. */
  readonly target: string;
  readonly descriptor: number;
  /** What was to be written; empty for a sync. */
  readonly bytes: Buffer;
  /** Lines at which it began and ended; the end is null when the trace ends before. */
  readonly beganAt: number;
  readonly endedAt: number | null;
  /** Null when it did not end. */
  readonly result: number | null;
};

const CALL = new RegExp(`^(\\d+)\\s+(${TRACED_CALLS.join("|")})\\((\\d+)<(.*?)>[,)\\s]`);
const RESUMED = new RegExp(`^(\\d+)\\s+<\\.\\.\\. (${TRACED_CALLS.join("|")}) resumed>`);
const RESULT = /\)\s+= (-?\d+)/;
const STRING = /"((?:\\x[0-9a-f]{2})*)"/g;

/** @param text of the whole file @returns its calls by where they began */
export function readTrace(text: string): readonly TracedEvent[] {
  const events: { -readonly [Key in keyof TracedEvent]: TracedEvent[Key] }[] = [];
  const open = new Map<string, number>();
  for (const [line, content] of text.split("\n").entries()) {
    const resumed = RESUMED.exec(content);
    const begun = resumed === null ? CALL.exec(content) : null;
    if (begun !== null) {
      const [, thread = "", call, descriptor, target = ""] = begun;
      const isUnfinished = content.endsWith("<unfinished ...>");
      if (isUnfinished) open.set(thread, events.length);
      events.push({
        call: call as TracedCall,
        target: unescaped(target).toString("utf8"),
        descriptor: Number(descriptor),
        bytes: bytesOf(content),
        beganAt: line,
        endedAt: isUnfinished ? null : line,
        result: isUnfinished ? null : resultOf(content),
      });
    } else if (resumed !== null) {
      const event = events[open.get(resumed[1] ?? "") ?? -1];
      open.delete(resumed[1] ?? "");
      if (event === undefined) continue;
      event.endedAt = line;
      event.result = resultOf(content);
    }
  }
  return events;
}

function bytesOf(content: string): Buffer {
  return Buffer.concat([...content.matchAll(STRING)].map(([, escaped = ""]) => unescaped(escaped)));
}

function unescaped(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll("\\x", ""), "hex");
}

function resultOf(content: string): number | null {
  const found = RESULT.exec(content);
  return found === null ? null : Number(found[1]);
}
