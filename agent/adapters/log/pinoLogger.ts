/**
 * Events as lines, by pino. The destination is synchronous: what was logged before an exit has been written.
 * A stream that takes no more lines loses them; the agent goes on metering.
 */
import pino, { symbols } from "pino";
import type { LogFields, Logger } from "../../ports/logger.ts";
import { errorFields, lineFields } from "./logFields.ts";
import { detectLogFormat, type LogFormat } from "./logFormat.ts";
import { isLogLevel, journalPriority, type LogLevel } from "./logLevel.ts";
import { prettyLine } from "./prettyLine.ts";

const STDOUT = 1;

/** What is logged, and in which form. */
export type LoggerOptions = {
  /** Least urgent level that is written. */
  readonly level: LogLevel;
  /** By default what suits stdout. */
  readonly format?: LogFormat;
  /** Takes each finished line, newline included; by default stdout. */
  readonly write?: (line: string) => void;
};

/** @param options level and form @returns the logger of this process */
export function openLogger(options: LoggerOptions): Logger {
  const { level, format = detectLogFormat(STDOUT, process.env), write = stdoutWriter() } = options;
  const engine = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    lineStream(format, write),
  );
  const log = (at: LogLevel, event: string, fields: LogFields = {}) => {
    engine[at]({ event, ...lineFields(fields) });
  };
  return {
    debug: (event, fields) => log("debug", event, fields),
    info: (event, fields) => log("info", event, fields),
    warn: (event, fields) => log("warn", event, fields),
    error(event, error, fields) {
      const failure = errorFields(error);
      log("error", event, { ...failure, ...fields, code: failure.code ?? null });
    },
  };
}

/** A destination that knows the level of the line it is given. */
function lineStream(format: LogFormat, write: (line: string) => void): pino.DestinationStream {
  const stream = {
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(json: string) {
      const label = pino.levels.labels[stream.lastLevel];
      write(formatLine(format, isLogLevel(label) ? label : "error", json));
    },
  };
  return stream;
}

function formatLine(format: LogFormat, level: LogLevel, json: string): string {
  switch (format.kind) {
    case "json":
      return json;
    case "journal":
      return `<${journalPriority(level)}>${json}`;
    case "pretty":
      return prettyLine(json, format.hasColour);
    default:
      return format satisfies never;
  }
}

function stdoutWriter(): (line: string) => void {
  const stdout = pino.destination({ dest: STDOUT, sync: true });
  stdout.on("error", () => {});
  return (line) => {
    stdout.write(line);
  };
}
