/** What the gateways complained of, counted: the first thing to look at when a check failed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_FILE } from "./gatewayProcess.ts";

/** Most kinds of complaint that are told. */
const MAX_KINDS = 40;

/** One kind of complaint. */
export type Complaint = {
  /** Event, and code when there is one. */
  readonly what: string;
  readonly count: number;
  /** Names of the gateways that wrote it. */
  readonly gateways: readonly string[];
};

/**
 * @param places name and directory of each gateway
 * @returns warnings and errors of all lives, most frequent first; what is no event is one too
 */
export function complaints(
  places: readonly { readonly name: string; readonly directory: string }[],
): readonly Complaint[] {
  const found = new Map<string, { count: number; readonly gateways: Set<string> }>();
  for (const { name, directory } of places) {
    for (const line of linesOf(join(directory, LOG_FILE))) {
      const what = complaintOf(line);
      if (what === null) continue;
      const kind = found.get(what) ?? { count: 0, gateways: new Set<string>() };
      kind.count += 1;
      kind.gateways.add(name);
      found.set(what, kind);
    }
  }
  return [...found]
    .map(([what, { count, gateways }]) => ({ what, count, gateways: [...gateways] }))
    .sort((left, right) => right.count - left.count)
    .slice(0, MAX_KINDS);
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

function complaintOf(line: string): string | null {
  try {
    const { level, event, code } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (level !== "warn" && level !== "error" && level !== "fatal") return null;
    return [level, event, code].filter((part) => typeof part === "string").join(" ");
  } catch {
    return `not an event: ${line.slice(0, 80)}`;
  }
}
