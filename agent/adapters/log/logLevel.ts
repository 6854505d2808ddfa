/** How urgent an event is. */

/** From the most talkative to the gravest. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** How urgent an event is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** @param value anything @returns true for one of the levels */
export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value);
}

/** @param level of an event @returns its journald priority @source sd-daemon(3), SD_DEBUG … SD_ERR */
export function journalPriority(level: LogLevel): number {
  switch (level) {
    case "debug":
      return 7;
    case "info":
      return 6;
    case "warn":
      return 4;
    case "error":
      return 3;
    default:
      return level satisfies never;
  }
}
