/** The program as a whole: usage, help, version, and the words and codes of failures. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AgentError } from "../../../../agent/core/errors.ts";
import { edso, writeConfig } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("edso");

test("prints its version and its help on stdout", async () => {
  const version = await edso(["--version"]);
  assert.equal([version.exit, version.out, version.error], [0, "1.2.3\n", ""]);
  const help = await edso(["--help"]);
  assert.is(help.exit, 0);
  for (const command of ["init", "start", "demo", "status", "trades", "ledger", "meter", "config", "admin"]) {
    assert.match(help.out, new RegExp(`^  ${command} `, "m"), command);
  }
  const inner = await edso(["ledger", "verify", "--help"]);
  assert.equal([inner.exit, inner.error], [0, ""]);
  assert.match(inner.out, "--config <file>");
});

test("ends with 64 on a command line that it does not understand", async () => {
  for (const args of [
    ["sttus"],
    ["status", "--jsn"],
    ["status", "extra"],
    ["init"],
    ["trades", "--last", "0"],
    ["trades", "--last"],
    ["ledger", "export", "--format", "xml"],
    ["meter", "read", "--port", "/dev/null", "--definition", "sdm12"],
    ["meter", "read", "--port", "/dev/null"],
  ]) {
    const run = await edso(args);
    assert.is(run.exit, 64, args.join(" "));
    assert.is(run.out, "", args.join(" "));
    assert.match(
      run.error,
      /^edso: .*\n {2}why: {2}.*\n {2}next: .*\n {2}code: CLI_USAGE\n$/,
      args.join(" "),
    );
  }
});

test("suggests the command that was meant", async () => {
  assert.match((await edso(["sttus"])).error, "Did you mean status?");
});

test("prints the help of a group on stderr and ends with 64 when its command is missing", async () => {
  for (const args of [[], ["ledger"], ["meter"], ["admin"], ["config"]]) {
    const run = await edso(args);
    assert.equal([run.exit, run.out], [64, ""], args.join(" "));
    assert.match(run.error, "Usage: edso");
  }
});

test("tells every failure as what, why, next and code, with the exit code of its kind", async () => {
  for (const [code, detail, exit] of [
    ["STORE_LOCKED", {}, 75],
    ["STORE_WRITE", {}, 74],
    ["STORE_DAMAGED", { height: 3 }, 65],
    ["JOURNAL_FULL", {}, 74],
    ["JOURNAL_DAMAGED", {}, 65],
    ["KEY_FILE_MODE", {}, 77],
    ["KEY_FILE_MISSING", {}, 66],
    ["KEY_FILE_EXISTS", {}, 73],
    ["API_SOCKET_BUSY", {}, 75],
    ["GENESIS_REFUSED", {}, 65],
    ["MEMBER_NOT_ENROLLED", {}, 78],
    ["KEY_NOT_ENROLLED", {}, 78],
    ["TRANSPORT_LISTEN", {}, 69],
    ["DRIVER_PORT_OPEN", {}, 69],
    ["DRIVER_PORT_OPEN", { errno: "EACCES" }, 77],
    ["NEVER_HEARD_OF", {}, 70],
  ] as const) {
    const run = await starting(new AgentError(code, { ...detail, fix: "do this" }));
    assert.is(run.exit, exit, code);
    assert.match(run.error, `  next: do this\n  code: ${code}\n`);
  }
});

test("tells failures of the operating system and bugs apart", async () => {
  for (const [error, exit, code] of [
    [Object.assign(new Error("denied"), { code: "EACCES" }), 77, "EACCES"],
    [Object.assign(new Error("full"), { code: "ENOSPC" }), 74, "ENOSPC"],
    [new TypeError("x is undefined"), 70, "UNEXPECTED"],
    ["a text", 70, "UNEXPECTED"],
  ] as const) {
    const run = await starting(error);
    assert.is(run.exit, exit);
    assert.match(run.error, `code: ${code}\n`);
  }
});

test("prints a failure as one JSON object with --json", async () => {
  const run = await edso(["status", "--socket", "/run/x.sock", "--json"]);
  assert.equal([run.exit, run.out], [69, ""]);
  const told = run.errorJson();
  assert.is(told.schema, "edso.error/1");
  assert.is(told.code, "API_UNREACHABLE");
  assert.is(told.exit, 69);
  assert.equal(told.detail, { socketPath: "/run/x.sock" });
  assert.match(String(told.next), "edso start");
});

test("prints integers of any size in a failure's detail", async () => {
  const error = new AgentError("STORE_WRITE", { energyWh: 2n ** 60n });
  const run = await edso(["status", "--socket", "/x", "--json"], {
    agentClient: () => {
      throw error;
    },
  });
  assert.equal(run.errorJson().detail, { energyWh: String(2n ** 60n) });
});

test.run();

function starting(error: unknown) {
  return withTemporaryDirectory(async (directory) => {
    const config = await writeConfig(directory);
    return edso(["start", "--config", config], { startAgent: () => Promise.reject(error) });
  });
}
