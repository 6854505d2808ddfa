import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LogFormat } from "../../../../../agent/adapters/log/logFormat.ts";
import type { LogLevel } from "../../../../../agent/adapters/log/logLevel.ts";
import { openLogger } from "../../../../../agent/adapters/log/pinoLogger.ts";
import { AgentError } from "../../../../../agent/core/errors.ts";
import type { Logger } from "../../../../../agent/ports/logger.ts";

/** The lines that a use of the logger writes. */
function linesOf(
  use: (logger: Logger) => void,
  format: LogFormat = { kind: "json" },
  level: LogLevel = "debug",
) {
  const lines: string[] = [];
  use(openLogger({ level, format, write: (line) => lines.push(line) }));
  return lines;
}

const all = (logger: Logger) => {
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d", new AgentError("SOME_CODE"));
};

const test = suite("pinoLogger");

test("one JSON object per event and line: time, level, event and the fields", () => {
  const [line, ...rest] = linesOf((logger) => logger.info("reading-signed", { sequence: 7, energyWh: 12n }));
  assert.equal(rest, []);
  assert.ok(line!.endsWith("}\n"));
  const { time, ...others } = JSON.parse(line!);
  assert.equal(others, { level: "info", event: "reading-signed", sequence: 7, energyWh: 12 });
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.is(new Date(time).toISOString(), time);
});

test("an error brings code, detail and causes; the caller's fields win over its detail, never over its code", () => {
  const error = new AgentError("STORE_WRITE", { directory: "/a", height: 1 }, new Error("disk"));
  const [line] = linesOf((logger) => logger.error("commit-failed", error, { height: 2, code: "x" }));
  const { time: _, ...fields } = JSON.parse(line!);
  assert.equal(fields, {
    level: "error",
    event: "commit-failed",
    directory: "/a",
    height: 2,
    code: "STORE_WRITE",
    cause1: "Error: disk",
  });
});

test("no field breaks the line or the event", () => {
  const [line, ...rest] = linesOf((logger) => logger.info("e", { text: 'a"b\nc', event: "other" }));
  assert.equal(rest, []);
  assert.is(line!.indexOf("\n"), line!.length - 1);
  assert.equal([JSON.parse(line!).event, JSON.parse(line!).text], ["e", 'a"b\nc']);
});

test("what is below the level is not written", () => {
  const levels = linesOf(all, { kind: "json" }, "warn").map((line) => JSON.parse(line).level);
  assert.equal(levels, ["warn", "error"]);
});

test("for journald each line begins with the priority of its level", () => {
  const lines = linesOf(all, { kind: "journal" });
  assert.equal(
    lines.map((line) => line.slice(0, 4)),
    ["<7>{", "<6>{", "<4>{", "<3>{"],
  );
  assert.equal(JSON.parse(lines[3]!.slice(3)).code, "SOME_CODE");
});

test("for a person one line without JSON", () => {
  const [line] = linesOf((logger) => logger.warn("meter-silent", { unitId: 3, reason: "no answer" }), {
    kind: "pretty",
    hasColour: false,
  });
  assert.match(line!, /^\d\d:\d\d:\d\d\.\d{3} warn {2}meter-silent unitId=3 reason="no answer"\n$/);
});

test.run();
