/** An installer's own meter, from the file to the read-out. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterTarget } from "../../../../agent/cli/dependencies.ts";
import { unixMs } from "../../../../agent/core/units.ts";
import type { MeterReadOut } from "../../../../agent/ports/meter.ts";
import { edso, linesThatRead } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const OWN = `id: acme-m1
maker: Acme
model: M1
wordOrder: most-significant-first
addressOffset: -30001
defaults: { table: input, type: f32, source: "Acme M1 manual V3" }
registers:
  - { quantity: activeEnergyImport, address: 30073, toUnit: 1000, source: "30073" }
  - { quantity: activePower, address: 30053, source: "30053" }
`;
const CONFIG = `name: dep1
dataDirectory: .
lines:
  - port: /dev/ttyUSB0
    meters:
      - role: consumption
        definition: own.yaml
        unitId: 1
        serial: "1"
`;

const test = suite("edso meter validate");

test("a sound definition is summed up", async () => {
  await withFiles({ "own.yaml": OWN }, async (directory) => {
    const file = join(directory, "own.yaml");
    const run = await edso(["meter", "validate", file]);
    assert.is(run.exit, 0);
    assert.is(
      run.out,
      `${file}: no fault; Acme M1, experimental, quantities 2, reads of a sample 2, of everything 2\n`,
    );
    const json = (await edso(["meter", "validate", file, "--json"])).json();
    assert.equal([json.schema, json.ok, json.faults], ["edso.definition-check/1", true, []]);
    assert.equal((json.definition as { quantities: string[] }).quantities, [
      "activeEnergyImport",
      "activePower",
    ]);
  });
});

const FAULTS: readonly (readonly [what: string, text: string, expected: string, fix: string])[] = [
  ["a missing key", OWN.replace("maker: Acme\n", ""), "1:1 maker", "add maker, such as"],
  ["an unknown key", OWN.replace("model: M1", "modle: M1"), "3:1 modle", "write model"],
  [
    "a slip in a quantity",
    OWN.replace("activePower", "activePowr"),
    "9:17 registers[1].quantity",
    "write activePower",
  ],
  ["an unknown type", OWN.replace("type: f32", "type: f31"), "6:33 defaults.type", "write f32"],
  [
    "a text for a number",
    OWN.replace("address: 30053", "address: low"),
    "9:39 registers[1].address",
    "write a whole number",
  ],
  [
    "an odd scale",
    OWN.replace("toUnit: 1000", "toUnit: 2.5"),
    "8:61 registers[0].toUnit",
    "write a number such as 1000",
  ],
  ["an overlap", OWN.replace("address: 30053", "address: 30074"), "9:5 registers[1]", "mend the address"],
  ["an address off the wire", OWN.replace("-30001", "-30060"), "9:39 registers[1].address", "0 to 65535"],
  ["no type at all", OWN.replace("type: f32, ", ""), "8:5 registers[0]", "add type here or under defaults"],
  ["a source missing", OWN.replace(/, source: "[^"]*"/g, ""), "8:5 registers[0]", "add source"],
  ["no energy", OWN.replace(/.*activeEnergyImport.*\n/, ""), "8:3 registers", "add activeEnergyImport"],
  [
    "a union of types",
    `${OWN}identification: { model: { table: input, address: 30001, type: u16, source: x, matches: [{ value: [], name: x }] } }\n`,
    "10:99 identification.model.matches[0].value",
    "a whole number, or a text",
  ],
  ["not a map", "- 1\n", "1:1 ", "write a map with id, maker"],
  ["not YAML", "id: [", "1:6 ", "mend the YAML"],
];
for (const [what, text, expected, fix] of FAULTS)
  test(`${what} is named with its line, column, key and fix`, async () => {
    await withFiles({ "own.yaml": text }, async (directory) => {
      const file = join(directory, "own.yaml");
      const run = await edso(["meter", "validate", file]);
      assert.equal([run.exit, run.out], [65, ""]);
      assert.ok(run.error.includes(`${file}:${expected}`), run.error);
      assert.ok(run.error.includes(fix), run.error);
    });
  });

test("every fault of a file is named at once, as JSON too", async () => {
  const text = OWN.replace("maker: Acme\n", "").replace("f32", "f31").replace("activePower", "steam");
  await withFiles({ "own.yaml": text }, async (directory) => {
    const run = await edso(["meter", "validate", join(directory, "own.yaml"), "--json"]);
    const told = JSON.parse(run.out) as { ok: boolean; faults: { key: string; line: number }[] };
    assert.equal([run.exit, told.ok], [65, false]);
    assert.equal(
      told.faults.map(({ key }) => key),
      ["maker", "defaults.type", "registers[1].quantity"],
    );
  });
});

test("a file that is missing, no file, or too long is told as such", async () => {
  await withFiles({ "long.yaml": `# ${"x".repeat(262_144)}\n` }, async (directory) => {
    for (const [name, code, exit] of [
      ["none.yaml", "DEFINITION_MISSING", 66],
      ["", "DEFINITION_UNREADABLE", 66],
      ["long.yaml", "DEFINITION_TOO_LARGE", 65],
    ] as const) {
      const run = await edso(["meter", "validate", join(directory, name)]);
      assert.is(run.exit, exit);
      assert.match(run.error, `code: ${code}`);
    }
  });
});

test("the JSON Schema is printed", async () => {
  const schema = JSON.parse((await edso(["meter", "schema"])).out) as { title: string; properties: object };
  assert.is(schema.title, "Meter definition of edso");
  assert.ok(Object.keys(schema.properties).includes("registers"));
});

test("a meter is read by a file, and one warning says that nobody has confirmed it", async () => {
  await withFiles({ "own.yaml": OWN }, async (directory) => {
    const file = join(directory, "own.yaml");
    const targets: MeterTarget[] = [];
    const run = await edso(["meter", "read", "--port", "/dev/ttyUSB0", "--definition", file], {
      openLine: linesThatRead(reading(targets)),
    });
    assert.is(run.exit, 0);
    assert.equal(
      targets.map(({ definition }) => definition),
      [file],
    );
    assert.is(run.error.split("warning: acme-m1 is experimental").length, 2, run.error);
  });
});

test("what whoever fits the meter has to know is said with its read-out", async () => {
  const text = OWN.replace("model: M1", "model: M1\nstatus: confirmed\ncautions: [Export needs mode B.]");
  await withFiles({ "own.yaml": text }, async (directory) => {
    const file = join(directory, "own.yaml");
    const run = await edso(["meter", "read", "--port", "/dev/ttyUSB0", "--definition", file], {
      openLine: linesThatRead(reading([])),
    });
    assert.is(run.error, "edso: note: acme-m1: Export needs mode B.\n");
  });
});

test("a file that holds no definition is told before the port is opened", async () => {
  await withFiles({ "own.yaml": OWN.replace("f32", "f31") }, async (directory) => {
    const file = join(directory, "own.yaml");
    const run = await edso(["meter", "read", "--port", "/dev/ttyUSB0", "--definition", file]);
    assert.is(run.exit, 65);
    assert.match(run.error, "code: DEFINITION_INVALID");
  });
});

test("an experimental kind of ours warns once for several meters, a confirmed one does not", async () => {
  const two = CONFIG.replace("own.yaml", "odd1").replace("role: consumption", "role: generation");
  const text = `${two}      - { role: consumption, definition: odd1, unitId: 2, serial: "2" }\n`;
  await withFiles({ "edso.yaml": text }, async (directory) => {
    const run = await edso(["meter", "read", "--data", directory], { openLine: linesThatRead(reading([])) });
    assert.is(run.error.split("warning: odd1 is experimental").length, 2, run.error);
    const check = await edso(["config", "check", "--data", directory]);
    assert.equal([check.exit, check.error.split("warning: ").length], [0, 2]);
  });
  const run = await edso(["meter", "read", "--port", "/dev/ttyUSB0", "--definition", "sdm120"], {
    openLine: linesThatRead(reading([])),
  });
  assert.is(run.error, "");
});

test("a configuration names a definition by its file, beside itself", async () => {
  await withFiles({ "edso.yaml": CONFIG, "own.yaml": OWN }, async (directory) => {
    const targets: MeterTarget[] = [];
    const run = await edso(["meter", "read", "--data", directory], {
      openLine: linesThatRead(reading(targets)),
    });
    assert.is(run.exit, 0);
    assert.equal(
      targets.map(({ definition }) => definition),
      [join(directory, "own.yaml")],
    );
  });
});

test("a configuration with a definition file that cannot be used is refused with the first of its faults", async () => {
  const files = { "edso.yaml": CONFIG, "own.yaml": OWN.replace("f32", "f31").replace("maker: Acme\n", "") };
  await withFiles(files, async (directory) => {
    const run = await edso(["config", "check", "--data", directory]);
    assert.is(run.exit, 78);
    assert.match(
      run.error,
      "edso.yaml:7:21 lines[0].meters[0].definition the meter definition own.yaml cannot be used: ",
    );
    assert.match(run.error, "own.yaml:1:1 maker is missing");
    assert.match(run.error, "and 1 more");
    assert.match(run.error, "run `edso meter validate own.yaml`");
  });
  await withFiles({ "edso.yaml": CONFIG }, async (directory) => {
    const run = await edso(["config", "check", "--data", directory]);
    assert.match(run.error, "cannot be used: DEFINITION_MISSING");
  });
});

test("the example of docs/meters.md is a sound definition", async () => {
  const page = await readFile(new URL("../../../../docs/meters.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(id:[\s\S]*?)```/.exec(page) ?? [];
  await withFiles({ "acme.yaml": example }, async (directory) => {
    const run = await edso(["meter", "validate", join(directory, "acme.yaml")]);
    assert.equal([run.exit, run.error], [0, ""]);
    const [, printed = ""] = /acme\.yaml: (no fault; .*)/.exec(page) ?? [];
    assert.ok(run.out.endsWith(`: ${printed}\n`), `${run.out} against ${printed}`);
  });
});

test.run();

async function withFiles(
  files: Readonly<Record<string, string>>,
  act: (directory: string) => Promise<void>,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    await act(directory);
  });
}

function reading(targets: MeterTarget[]): (target: MeterTarget) => Promise<MeterReadOut> {
  return async (target) => {
    targets.push(target);
    return { takenAtMs: unixMs(Date.UTC(2026, 0, 1)), values: [], meterSerial: null, frames: [] };
  };
}
