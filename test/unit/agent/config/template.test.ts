/** A generated configuration: it loads, and every setting is explained in it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ENVIRONMENT_SETTINGS } from "../../../../agent/config/environment.ts";
import { parseConfig } from "../../../../agent/config/load.ts";
import { nearest } from "../../../../agent/config/nearest.ts";
import { type ConfigInput, configJsonSchema, type SettingSchema } from "../../../../agent/config/schema.ts";
import { renderConfig } from "../../../../agent/config/template.ts";

const INPUT: ConfigInput = {
  name: "dep1",
  dataDirectory: ".",
  log: { level: "warn" },
  lines: [
    {
      port: "/dev/ttyUSB0",
      baudRate: 2400,
      meters: [
        { role: "generation", definition: "sdm120", unitId: 1, serial: '0"1: #'.replaceAll(" ", "") },
        { role: "consumption", definition: "sdm630", unitId: 2, serial: "0x10", invert: true },
      ],
    },
  ],
};

const test = suite("renderConfig");

test("says what it was told to say, whatever characters a text has", () => {
  const config = parseConfig(renderConfig(INPUT), "/x/edso.yaml");
  assert.is(config.log.level, "warn");
  assert.is(config.dataDirectory, "/x");
  assert.equal(
    config.lines[0]?.meters.map(({ serial, invert }) => [serial, invert]),
    [
      ['0"1:#', false],
      ["0x10", true],
    ],
  );
  assert.is(config.lines[0]?.baudRate, 2400);
});

test("explains every setting once, with its default", () => {
  const text = renderConfig(INPUT);
  for (const description of descriptions(configJsonSchema())) {
    assert.is(text.split(`# ${description}`).length - 1, 1, description);
  }
  assert.match(text, '# genesisFile: "genesis.cbor"');
  assert.match(text, "# timeoutMs: 1000");
});

test("is still a configuration when every commented setting is taken in", () => {
  const taken = renderConfig(INPUT)
    .split("\n")
    .map((line) => line.replace(/^( *)# ( *)(\w+:(?: ["[\d]| (?:true|false)|$).*)/, "$1$2$3"))
    .join("\n");
  const config = parseConfig(taken, "/x/edso.yaml");
  assert.is(config.api.socket, "/run/edso/agent.sock");
  assert.equal(config.lines[0]?.actuators, [
    { definition: "relay-coil", unitId: 3, limits: "consumption", ratedW: 8000, coil: 0 },
  ]);
});

test("has a variable for every setting outside the lines", () => {
  assert.equal(
    ENVIRONMENT_SETTINGS.map(({ variable }) => variable),
    [
      "EDSO_NAME",
      "EDSO_DATA_DIRECTORY",
      "EDSO_GENESIS_FILE",
      "EDSO_LISTEN",
      "EDSO_API_SOCKET",
      "EDSO_CLOCK_TRUST",
      "EDSO_PROFILE_EVERY_SECONDS",
      "EDSO_PROFILE_KEEP_DAYS",
      "EDSO_PROFILE_MAX_MEBIBYTES",
      "EDSO_LOG_LEVEL",
    ],
  );
});

test.run();

const words = suite("nearest");

words("finds the word that a slip was meant to be, and none for another word", () => {
  const known = ["name", "listen", "dataDirectory", "log"];
  for (const [word, meant] of [
    ["nmae", "name"],
    ["Listen", "listen"],
    ["datadirectory", "dataDirectory"],
    ["dataDirectroy", "dataDirectory"],
    ["lgo", "log"],
    ["Directory", "dataDirectory"],
    ["ist", undefined],
    ["colour", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ] as const) {
    assert.is(nearest(word, known), meant, word.slice(0, 20));
  }
});

words.run();

function descriptions(schema: SettingSchema): readonly string[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  return inner.flatMap((setting) => [
    ...(setting.description === undefined || setting.properties?.port || setting.properties?.role
      ? []
      : [setting.description]),
    ...descriptions(setting),
  ]);
}
