/** In which of three forms a stream takes events: told by what the stream is, not by a setting. */
import { fstatSync } from "node:fs";
import { isatty } from "node:tty";

/** JSON lines; the same with a journald priority; or lines for a person at a terminal. */
export type LogFormat =
  | { readonly kind: "json" }
  | { readonly kind: "journal" }
  | { readonly kind: "pretty"; readonly hasColour: boolean };

/**
 * @param fileDescriptor of the stream, 1 for stdout
 * @param environment of the process
 * @returns `journal` when journald itself reads the stream, `pretty` on a terminal, else `json`
 * @source systemd.exec(5), $JOURNAL_STREAM; https://no-color.org
 */
export function detectLogFormat(fileDescriptor: number, environment: NodeJS.ProcessEnv): LogFormat {
  if (isJournalStream(fileDescriptor, environment.JOURNAL_STREAM)) return { kind: "journal" };
  if (!isatty(fileDescriptor)) return { kind: "json" };
  const isPlain = (environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb";
  return { kind: "pretty", hasColour: !isPlain };
}

/** A child inherits the variable even when its output goes elsewhere, so device and inode must be the stream's. */
function isJournalStream(fileDescriptor: number, journalStream: string | undefined): boolean {
  if (journalStream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fileDescriptor, { bigint: true });
    return journalStream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
