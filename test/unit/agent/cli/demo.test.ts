import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CliError } from "../../../../agent/cli/cliError.ts";
import { type DemoFlags, demoExitCode, readDemoFlags } from "../../../../agent/cli/demo.ts";
import { DemoError } from "../../../../agent/cli/demoGateways.ts";
import { explain } from "../../../../agent/cli/explain.ts";

const flags = suite("demo flags");

function refusalOf(given: DemoFlags): CliError {
  try {
    readDemoFlags(given);
  } catch (error) {
    assert.instance(error, CliError);
    return error as CliError;
  }
  throw new Error(`accepted: ${JSON.stringify(given)}`);
}

flags("give four islanded gateways with intervals of 5 s, without an end, by default", () => {
  const { seed, ...rest } = readDemoFlags({});
  assert.equal(rest, {
    gateways: 4,
    intervals: null,
    intervalSeconds: 5,
    mode: "islanded",
    plan: { generationPercent: 100, defiant: null },
    dataDir: null,
    isJson: false,
    isVerbose: false,
  });
  assert.match(seed, /^\d{1,6}$/);
});

flags("are taken as given", () => {
  const given = { gateways: "7", intervals: "10", intervalSeconds: "2", seed: "42", gridTied: true };
  assert.equal(
    readDemoFlags({ ...given, scarce: true, defiant: "home4", data: "/tmp/x", json: true, verbose: true }),
    {
      gateways: 7,
      intervals: 10,
      intervalSeconds: 2,
      seed: "42",
      mode: "grid-tied",
      plan: { generationPercent: 20, defiant: "home4" },
      dataDir: "/tmp/x",
      isJson: true,
      isVerbose: true,
    },
  );
});

flags("refuse an interval that does not divide a quarter of an hour, with the list and exit 64", () => {
  for (const intervalSeconds of ["1", "7", "901", "5.0", "", "-5"]) {
    const refusal = refusalOf({ intervalSeconds });
    assert.is(refusal.code, "CLI_USAGE");
    assert.match(String(refusal.detail.fix), /one of 2, 3, 4, 5, 6, 9, .*450, 900$/);
    assert.is(explain(refusal).exit, 64);
  }
});

flags("refuse a defiant household that the street has not got, with the list", () => {
  const refusal = refusalOf({ gateways: "4", defiant: "dep4" });
  assert.is(refusal.code, "CLI_USAGE");
  assert.match(String(refusal.detail.fix), /one of dep1, dep2, dep3, home4$/);
});

flags("refuse numbers out of range, and what is no number", () => {
  for (const gateways of ["0", "41", "four", "1e1", " 4"])
    assert.is(refusalOf({ gateways }).code, "CLI_USAGE");
  for (const intervals of ["0", "-1", "1000001"]) assert.is(refusalOf({ intervals }).code, "CLI_USAGE");
  assert.is(refusalOf({ seed: "" }).code, "CLI_USAGE");
  assert.is(refusalOf({ seed: "x".repeat(65) }).code, "CLI_USAGE");
});

flags.run();

const exits = suite("demo exit codes");

exits("are those of sysexits", () => {
  assert.is(demoExitCode(new DemoError("DEMO_DATA_NOT_EMPTY")), 73);
  assert.is(demoExitCode(new DemoError("DEMO_DATA_UNWRITABLE")), 73);
  assert.is(demoExitCode(new DemoError("DEMO_GATEWAY_FAILED")), 70);
  assert.is(demoExitCode(new DemoError("DEMO_GATEWAY_SILENT")), 70);
  assert.is(demoExitCode(new DemoError("DEMO_NO_GATEWAY_LEFT")), 70);
});

exits("leave other errors to the command line", () => {
  assert.is(demoExitCode(new Error("x")), undefined);
});

exits.run();
