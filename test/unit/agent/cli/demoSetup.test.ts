import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DemoDependencies } from "../../../../agent/cli/demoDependencies.ts";
import { DemoError } from "../../../../agent/cli/demoGateways.ts";
import {
  type GatewayPlace,
  gatewayConfig,
  layOutStreet,
  type StreetOptions,
  startUpMs,
} from "../../../../agent/cli/demoSetup.ts";
import { USUAL_STREET } from "../../../../agent/cli/demoStreet.ts";
import { CONFIG_FILE_NAME } from "../../../../agent/cli/place.ts";
import { processTerminal } from "../../../../agent/cli/terminal.ts";
import { loadConfig } from "../../../../agent/config/load.ts";
import { renderConfig } from "../../../../agent/config/template.ts";
import { hashBytes, hashOf } from "../../../../agent/core/hash.ts";
import { type GenesisBody, readGenesis } from "../../../../agent/core/membership/genesis.ts";
import { publicKeyOf, signMessage, verifySignature } from "../../../../agent/core/signature.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

/** The keys of a directory follow from its name. */
const dependencies: DemoDependencies = {
  env: {},
  terminal: processTerminal({}),
  createKeys: async (directory) => mkdir(directory),
  createVoteJournal: async () => {},
  loadIdentity: async (directory) => {
    const secret = hashBytes(hashOf(new TextEncoder().encode(directory)));
    return {
      publicKey: publicKeyOf(secret),
      peerId: `peer${secret[0]}-${secret[1]}-${secret[2]}`,
      recordsKey: secret,
      sign: async (message) => signMessage(secret, message),
    };
  },
  startSimulatedLine: async () => ({ path: "/dev/null", stop: async () => {} }),
  agentClient: () => {
    throw new Error("not asked here");
  },
};

const options = (dataDir: string): StreetOptions => ({
  gateways: 4,
  intervalSeconds: 5,
  seed: "42",
  mode: "islanded",
  plan: USUAL_STREET,
  dataDir,
});

async function genesisOf({ directory }: GatewayPlace): Promise<GenesisBody> {
  const verdict = readGenesis(await readFile(join(directory, "genesis.cbor")), verifySignature);
  if (verdict.kind !== "accept") throw new Error(`${verdict.code} ${verdict.detail}`);
  return verdict.value.body;
}

const setup = suite("demo setup");

setup("gives every gateway the same genesis, enrolled and signed", async () => {
  await withTemporaryDirectory(async (root) => {
    const earliestMs = Date.now();
    const street = await layOutStreet(options(join(root, "street")), dependencies);
    const bodies = await Promise.all(street.places.map(genesisOf));
    for (const body of bodies) assert.equal(body, bodies[0]);
    const [body] = bodies;
    assert.is(body?.intervalMs, 5000);
    assert.is(body?.timeLapse, 180);
    assert.is(body?.termMax, 96);
    assert.is(body?.firstInterval, street.firstInterval);
    assert.ok(street.firstIntervalAtMs >= earliestMs + 3000, "leaves time to start");
    assert.equal(
      body?.members.map((member) => member.body.name),
      ["dep1", "dep2", "dep3", "home4"],
    );
    assert.is(new Set(street.places.map(({ port }) => port)).size, 4);
  });
});

setup("writes a configuration that the agent accepts, with paths inside the directory", async () => {
  await withTemporaryDirectory(async (root) => {
    const street = await layOutStreet(options(join(root, "street")), dependencies);
    const place = street.places[1]!;
    const path = join(place.directory, CONFIG_FILE_NAME);
    await writeFile(path, renderConfig(gatewayConfig(place, "/tmp/line/tty")));
    const config = loadConfig(path, {}, { definitions: ["eastron-sdm120", "eastron-sdm630"] });
    assert.is(config.name, "dep2");
    assert.is(config.dataDirectory, place.directory);
    assert.is(config.genesisFile, join(place.directory, "genesis.cbor"));
    assert.is(config.api.socket, place.socketPath);
    assert.equal(config.listen, [`/ip4/127.0.0.1/tcp/${place.port}`]);
    assert.is(config.clock.trust, "assume");
    const [line] = config.lines;
    assert.is(line?.port, "/tmp/line/tty");
    assert.is(`${line?.baudRate} ${line?.parity} ${line?.stopBits}`, "9600 none 1");
    assert.equal(
      line?.meters.map(({ role, definition }) => `${role} ${definition}`),
      ["generation eastron-sdm120", "consumption eastron-sdm630"],
    );
  });
});

setup("puts sockets where their path is short when the data directory's is long", async () => {
  await withTemporaryDirectory(async (root) => {
    const street = await layOutStreet(options(join(root, "x".repeat(100))), dependencies);
    const place = street.places[3]!;
    assert.ok(Buffer.byteLength(place.socketPath) <= 107);
    const path = join(place.directory, CONFIG_FILE_NAME);
    await writeFile(path, renderConfig(gatewayConfig(place, "/tmp/line/tty")));
    assert.is(loadConfig(path, {}).api.socket, place.socketPath);
    await street.removeSockets();
    assert.is(await stat(join(place.socketPath, "..")).catch(() => null), null);
  });
});

setup("refuses a directory that holds something", async () => {
  await withTemporaryDirectory(async (root) => {
    await writeFile(join(root, "letter"), "");
    try {
      await layOutStreet(options(root), dependencies);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, DemoError);
      assert.is((error as DemoError).code, "DEMO_DATA_NOT_EMPTY");
    }
  });
});

setup("refuses a directory that cannot be made", async () => {
  await withTemporaryDirectory(async (root) => {
    await writeFile(join(root, "letter"), "");
    try {
      await layOutStreet(options(join(root, "letter", "street")), dependencies);
      assert.unreachable();
    } catch (error) {
      assert.is((error as DemoError).code, "DEMO_DATA_UNWRITABLE");
    }
  });
});

setup("expects a start to take longer with more gateways, fewer cores or a slower program", () => {
  assert.is(startUpMs(4, 500, 4), 6_200);
  assert.is(startUpMs(7, 6_000, 2), 24_000);
  assert.is(startUpMs(7, 6_000, 4), 13_500);
  assert.is(startUpMs(40, 10_000, 1), 90_000);
  assert.ok(Number.isInteger(startUpMs(7, 1_000.7, 3)));
});

setup.run();
