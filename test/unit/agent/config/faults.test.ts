/** Every kind of fault of a configuration, with its line, column and key, and how to mend it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadConfig } from "../../../../agent/config/load.ts";
import { faultsOf, line, meter, place, SOUND, thrownBy } from "../../../support/configText.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const faults = suite("faults of a configuration");

const SINGLE: readonly (readonly [what: string, text: string, expected: string, fix: string])[] = [
  ["an unknown key", `${SOUND}lgo: 1\n`, "10:1 lgo CONFIG_UNKNOWN_KEY", "write log"],
  [
    "an unknown key far from all",
    `${SOUND}colour: 1\n`,
    "10:1 colour CONFIG_UNKNOWN_KEY",
    "remove it; known here: name,",
  ],
  [
    "an unknown key inside",
    `${SOUND}log: { levle: info }\n`,
    "10:8 log.levle CONFIG_UNKNOWN_KEY",
    "write level",
  ],
  ["a missing key", SOUND.replace("name: dep1\n", ""), "1:1 name CONFIG_MISSING_KEY", 'such as "dep1"'],
  [
    "a missing key inside",
    SOUND.replace("        unitId: 1\n", ""),
    "6:9 lines[0].meters[0].unitId CONFIG_MISSING_KEY",
    "add unitId, such as 1",
  ],
  [
    "a number for a text",
    SOUND.replace('"1"', "0123"),
    "9:17 lines[0].meters[0].serial CONFIG_TYPE",
    'put it in quotes: "0123"',
  ],
  [
    "a text for a number",
    SOUND.replace("unitId: 1", "unitId: one"),
    "8:17 lines[0].meters[0].unitId CONFIG_TYPE",
    "a whole number from 1 to 247",
  ],
  [
    "a fraction",
    SOUND.replace("unitId: 1", "unitId: 1.5"),
    "8:17 lines[0].meters[0].unitId CONFIG_TYPE",
    "a whole number",
  ],
  [
    "yes for true",
    `${SOUND}        invert: yes\n`,
    "10:17 lines[0].meters[0].invert CONFIG_TYPE",
    "true or false",
  ],
  [
    "an empty value",
    SOUND.replace("name: dep1", "name:"),
    "1:6 name CONFIG_TYPE",
    "write lower-case letters",
  ],
  ["a map for a list", `${SOUND}listen: {}\n`, "10:9 listen CONFIG_TYPE", "a list of 1 to 8"],
  ["a slip in a choice", `${SOUND}clock: { trust: npt }\n`, "10:17 clock.trust CONFIG_CHOICE", "write ntp"],
  [
    "no choice at all",
    `${SOUND}log: { level: loud }\n`,
    "10:15 log.level CONFIG_CHOICE",
    "one of debug, info, warn, error",
  ],
  [
    "a rate that no meter has",
    SOUND.replace("meters:", "baudRate: 14400\n    meters:"),
    "5:15 lines[0].baudRate CONFIG_CHOICE",
    "one of 1200, 2400",
  ],
  [
    "too little",
    SOUND.replace("unitId: 1", "unitId: 0"),
    "8:17 lines[0].meters[0].unitId CONFIG_RANGE",
    "from 1 to 247",
  ],
  [
    "too much",
    SOUND.replace("unitId: 1", "unitId: 248"),
    "8:17 lines[0].meters[0].unitId CONFIG_RANGE",
    "from 1 to 247",
  ],
  ["an empty list", `${SOUND}listen: []\n`, "10:9 listen CONFIG_RANGE", "a list of 1 to 8"],
  ["a name of another form", SOUND.replace("dep1", "Dep 1"), "1:7 name CONFIG_FORM", "lower-case"],
  [
    "an address of another form",
    `${SOUND}listen: [/ip4/300.0.0.1/tcp/1]\n`,
    "10:10 listen[0] CONFIG_FORM",
    "/ip4/0.0.0.0/tcp/4001",
  ],
  [
    "a port beyond the last",
    `${SOUND}listen: [/ip4/0.0.0.0/tcp/65536]\n`,
    "10:10 listen[0] CONFIG_FORM",
    "a multiaddress",
  ],
  [
    "a family of another address",
    `${SOUND}listen: [/ip6/127.0.0.1/tcp/1]\n`,
    "10:10 listen[0] CONFIG_FORM",
    "a multiaddress",
  ],
  ["a key twice", `${SOUND}name: dep2\n`, "10:1 name CONFIG_DUPLICATE_KEY", "remove one"],
  [
    "a unit id twice on a line",
    SOUND.replace("grid", "generation") + meter("consumption", 1, "2"),
    "11:17 lines[0].meters[1].unitId CONFIG_DUPLICATE_UNIT",
    "its own unit id",
  ],
  [
    "a serial twice",
    SOUND.replace("grid", "generation") + meter("consumption", 2, "1"),
    "12:17 lines[0].meters[1].serial CONFIG_DUPLICATE_SERIAL",
    "label",
  ],
  [
    "a port twice",
    SOUND.replace("grid", "generation") + line("consumption", "/dev/ttyUSB0"),
    "10:11 lines[1].port CONFIG_DUPLICATE_PORT",
    "under one line",
  ],
  [
    "an actuator twice",
    `${SOUND}    actuators:
      - { definition: relay-coil, unitId: 3, limits: consumption, ratedW: 1 }
      - { definition: relay-coil, unitId: 3, limits: generation, ratedW: 1, coil: 1 }
      - { definition: relay-coil, unitId: 3, limits: generation, ratedW: 1 }
`,
    "13:43 lines[0].actuators[2].unitId CONFIG_DUPLICATE_UNIT",
    "a coil each",
  ],
  [
    "an actuator that the drivers do not know",
    `${SOUND}    actuators: [{ definition: relay, unitId: 3, limits: consumption, ratedW: 1 }]\n`,
    "10:31 lines[0].actuators[0].definition CONFIG_CHOICE",
    "relay-coil",
  ],
  [
    "roles that say too much",
    SOUND + meter("consumption", 2, "2"),
    "4:3 lines CONFIG_ROLES",
    "consumption + generation; generation + grid; grid;",
  ],
  [
    "a definition there is not",
    SOUND.replace("sdm120", "sdm210"),
    "7:21 lines[0].meters[0].definition CONFIG_UNKNOWN_DEFINITION",
    "write sdm120",
  ],
  [
    "a socket path that is too long",
    `${SOUND}api: { socket: /${"x".repeat(107)} }\n`,
    "10:16 api.socket CONFIG_SOCKET_TOO_LONG",
    "/run/edso/agent.sock",
  ],
  [
    "a data directory too long for its socket",
    SOUND.replace("/var/lib/edso", `/${"é".repeat(49)}`),
    "2:16 api.socket CONFIG_SOCKET_TOO_LONG",
    "set api.socket",
  ],
  ["a list for the file", "- name: dep1\n", "1:1  CONFIG_TYPE", "a map with name, dataDirectory"],
  ["a merge key", `${SOUND}<<: { log: 1 }\n`, "10:1 << CONFIG_UNKNOWN_KEY", "remove it"],
];

for (const [what, text, expected, fix] of SINGLE) {
  faults(`names ${what} with its line, column and key, and how to mend it`, () => {
    const found = faultsOf(text);
    assert.equal(found.map(place), [expected]);
    assert.match(found[0]?.fix ?? "", fix);
    assert.ok((found[0]?.message ?? "").length > 0);
  });
}

faults("names every fault in one error, in the order of the file", () => {
  const text = `name: Dep
dataDirectory: /var/lib/edso
lgo: 1
log: { level: loud }
lines:
  - port: /dev/ttyUSB0
    meters:
      - { role: grid, definition: sdm12, unitId: 0, serial: 1 }
      - { role: consumption, unitId: 2, serial: "2" }
  - port: /dev/ttyUSB0
    meters: []
`;
  assert.equal(faultsOf(text).map(place), [
    "1:7 name CONFIG_FORM",
    "3:1 lgo CONFIG_UNKNOWN_KEY",
    "4:15 log.level CONFIG_CHOICE",
    "6:3 lines CONFIG_ROLES",
    "8:35 lines[0].meters[0].definition CONFIG_UNKNOWN_DEFINITION",
    "8:50 lines[0].meters[0].unitId CONFIG_RANGE",
    "8:61 lines[0].meters[0].serial CONFIG_TYPE",
    "9:9 lines[0].meters[1].definition CONFIG_MISSING_KEY",
    "10:11 lines[1].port CONFIG_DUPLICATE_PORT",
    "11:13 lines[1].meters CONFIG_RANGE",
  ]);
});

faults("places a fault of the environment at its variable", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "edso.yaml");
    await writeFile(path, SOUND);
    const env = { EDSO_LOG_LEVEL: "loud", EDSO_LISTEN: "nowhere" };
    assert.equal(thrownBy(() => loadConfig(path, env)).map(place), [
      "0:0 EDSO_LISTEN CONFIG_FORM",
      "0:0 EDSO_LOG_LEVEL CONFIG_CHOICE",
    ]);
  });
});

faults("asks for the missing settings of an empty file", () => {
  assert.equal(
    faultsOf("").map(({ key }) => key),
    ["name", "dataDirectory", "lines"],
  );
});

faults.run();
