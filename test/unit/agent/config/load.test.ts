/** Loading a configuration: what holds, and a file that is none. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError, MAX_CONFIG_BYTES } from "../../../../agent/config/configError.ts";
import { explainConfig, loadConfig } from "../../../../agent/config/load.ts";
import { ACTUATOR_KINDS } from "../../../../agent/config/schema.ts";
import { ACTUATOR_DEFINITIONS } from "../../../../drivers/registry.ts";
import { faultsOf, HEAD, LINES, linesWith, parse, place, SOUND } from "../../../support/configText.ts";
import { failsWith } from "../../../support/failure.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const sound = suite("loadConfig of a sound file");

sound("fills in every default", () => {
  assert.equal(parse(SOUND), {
    name: "dep1",
    dataDirectory: "/var/lib/edso",
    genesisFile: "/etc/edso/genesis.cbor",
    listen: ["/ip4/0.0.0.0/tcp/4001"],
    api: { socket: "/var/lib/edso/agent.sock" },
    clock: { trust: "ntp" },
    profile: { everySeconds: 10, keepDays: 35, maxMebibytes: 64 },
    log: { level: "info" },
    lines: [
      {
        port: "/dev/ttyUSB0",
        baudRate: 9600,
        parity: "none",
        stopBits: 1,
        rs485: "adapter",
        unitChangeGapMs: 200,
        meters: [
          { role: "grid", definition: "sdm120", unitId: 1, serial: "1", invert: false, timeoutMs: 1000 },
        ],
        actuators: [],
      },
    ],
  });
});

sound("knows the actuators of a line by the identifiers that the drivers have", () => {
  assert.equal(
    ACTUATOR_KINDS,
    ACTUATOR_DEFINITIONS.map(({ id }) => id),
  );
  const actuators = `    actuators:
      - { definition: relay-coil, unitId: 1, limits: consumption, ratedW: 3000, coil: 2 }
      - { definition: sunspec-model-123, unitId: 1, limits: generation, ratedW: 8000 }
`;
  assert.equal(parse(SOUND + actuators).lines[0]?.actuators, [
    { definition: "relay-coil", unitId: 1, limits: "consumption", ratedW: 3000, coil: 2 },
    { definition: "sunspec-model-123", unitId: 1, limits: "generation", ratedW: 8000, coil: 0 },
  ]);
});

sound("resolves relative paths against the directory of the file", () => {
  const text = `${SOUND.replace("/var/lib/edso", "data")}genesisFile: ../genesis.cbor\napi: { socket: run/a.sock }\n`;
  const config = parse(text.replace("/dev/ttyUSB0", "tty"));
  assert.is(config.dataDirectory, "/etc/edso/data");
  assert.is(config.genesisFile, "/etc/genesis.cbor");
  assert.is(config.api.socket, "/etc/edso/run/a.sock");
  assert.is(config.lines[0]?.port, "/etc/edso/tty");
});

sound("takes the environment over the file and the file over the default", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "edso.yaml");
    await writeFile(path, `${SOUND}log: { level: warn }\n`);
    assert.is(loadConfig(path, {}).log.level, "warn");
    const env = {
      EDSO_LOG_LEVEL: "debug",
      EDSO_DATA_DIRECTORY: "/srv/edso",
      EDSO_LISTEN: "/ip4/127.0.0.1/tcp/1, /ip6/::1/tcp/2",
      EDSO_CLOCK_TRUST: "",
      EDSO_UNKNOWN: "x",
    };
    const config = loadConfig(path, env);
    assert.is(config.log.level, "debug");
    assert.is(config.api.socket, "/srv/edso/agent.sock");
    assert.equal(config.listen, ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/2"]);
    assert.is(config.clock.trust, "ntp", "an empty variable is none");
    const origins = new Map(explainConfig(path, env).map(({ key, origin }) => [key, origin]));
    assert.is(origins.get("log.level"), "EDSO_LOG_LEVEL");
    assert.is(origins.get("listen[0]"), "EDSO_LISTEN");
    assert.is(origins.get("clock.trust"), "default");
    assert.is(origins.get("lines[0].meters[0].serial"), `${path}:9:17`);
  });
});

sound("takes a required setting from the environment alone", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "edso.yaml");
    await writeFile(path, LINES);
    const config = loadConfig(path, { EDSO_NAME: "dep9", EDSO_DATA_DIRECTORY: "x" });
    assert.equal([config.name, config.dataDirectory], ["dep9", join(directory, "x")]);
  });
});

sound("accepts every set of roles that determines generation and consumption", () => {
  for (const roles of [
    ["generation", "consumption"],
    ["grid", "generation"],
    ["grid"],
    ["consumption"],
    ["generation"],
  ]) {
    assert.equal(
      parse(HEAD + linesWith(roles)).lines[0]?.meters.map(({ role }) => role),
      roles,
    );
  }
});

sound("places the fault of an alias where its anchor is", () => {
  const text = `${SOUND}clock: { trust: &word loud }\nlog: { level: *word }\n`;
  assert.equal(faultsOf(text).map(place), [
    "10:23 clock.trust CONFIG_CHOICE",
    "10:23 log.level CONFIG_CHOICE",
  ]);
});

sound.run();

const unreadable = suite("a configuration that is none");

unreadable("tells YAML that does not parse, with its line", async () => {
  for (const [text, line] of [
    ["name: [dep1\n", 2],
    ["name: dep1\n\tlog: 1\n", 2],
    ["name: dep1\n---\nname: dep2\n", 2],
    ["name: *nobody\n", 1],
    ["name: !!js/function x\n", 1],
  ] as const) {
    const error = await failsWith(() => parse(text), "CONFIG_SYNTAX");
    const [first] = error instanceof ConfigError ? error.faults : [];
    assert.equal([first?.code, first?.line], ["CONFIG_SYNTAX", line], text);
  }
});

unreadable("does not expand a bomb of aliases", async () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const previous = level === 0 ? '"x"' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array.from({ length: 9 }, () => previous).join(", ")}]`;
  });
  await failsWith(() => parse(`${levels.join("\n")}\n`), "CONFIG_SYNTAX");
});

unreadable("tells a file that is missing, too long, or no file", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "edso.yaml");
    await failsWith(() => loadConfig(path, {}), "CONFIG_MISSING");
    await writeFile(path, `${SOUND}#${"x".repeat(MAX_CONFIG_BYTES)}\n`);
    await failsWith(() => loadConfig(path, {}), "CONFIG_TOO_LARGE");
    await mkdir(join(directory, "folder"));
    await failsWith(() => loadConfig(join(directory, "folder"), {}), "CONFIG_UNREADABLE");
  });
});

unreadable.run();
