/** `edso config`: faults with their place, settings with their origin, the schema. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { edso, SOUND_CONFIG, writeConfig } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("edso config");

test("says that a sound configuration has no fault", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = await writeConfig(directory);
    const run = await edso(["config", "check", "--config", path]);
    assert.equal([run.exit, run.out, run.error], [0, `${path}: no fault; lines 1, meters 2\n`, ""]);
    assert.equal((await edso(["config", "check", "--config", path, "--json"])).json(), {
      schema: "edso.config-check/1",
      file: path,
      ok: true,
      faults: [],
    });
  });
});

test("prints file, line, column, key, message and fix of every fault and ends with 78", async () => {
  await withTemporaryDirectory(async (directory) => {
    const yaml = SOUND_CONFIG.replace("sdm630", "sdm603").replace("lines:", "genesis: x\nlines:");
    const path = await writeConfig(directory, yaml);
    const run = await edso(["config", "check", "--config", path]);
    assert.equal([run.exit, run.out], [78, ""]);
    assert.match(run.error, `${path}:3:1 genesis there is no setting genesis here – `);
    assert.match(
      run.error,
      `${path}:8:42 lines[0].meters[1].definition there is no meter definition sdm603 – write sdm630`,
    );
    const json = await edso(["config", "check", "--config", path, "--json"]);
    assert.is(json.exit, 78);
    const faults = json.json().faults as readonly Record<string, unknown>[];
    assert.equal(
      faults.map(({ line, column, key }) => [line, column, key]),
      [
        [3, 1, "genesis"],
        [8, 42, "lines[0].meters[1].definition"],
      ],
    );
    assert.equal(json.errorJson().faults, faults);
  });
});

test("shows every setting, and with --origin where it comes from", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = await writeConfig(directory);
    const env = { EDSO_LOG_LEVEL: "warn" };
    const plain = await edso(["config", "show", "--config", path], { env });
    assert.match(plain.out, /^log\.level +"warn"$/m);
    const run = await edso(["config", "show", "--config", path, "--origin"], { env });
    assert.match(run.out, /^log\.level +"warn" +EDSO_LOG_LEVEL$/m);
    assert.match(run.out, /^clock\.trust +"ntp" +default$/m);
    assert.match(run.out, new RegExp(`^name +"dep1" +${path}:1:7$`, "m"));
    const json = (await edso(["config", "show", "--config", path, "--json"], { env })).json();
    assert.is(json.schema, "edso.config/1");
  });
});

test("prints the JSON Schema", async () => {
  const run = await edso(["config", "schema"]);
  const schema = JSON.parse(run.out);
  assert.equal(schema.required, ["name", "dataDirectory", "lines"]);
  assert.is(schema.additionalProperties, false);
  assert.is(schema.properties.log.properties.level.default, "info");
});

test.run();
