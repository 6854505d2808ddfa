/** `edso init` and `edso admin genesis`: from nothing to a signed genesis, and everything that is refused. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadConfig } from "../../../../agent/config/load.ts";
import { decode } from "../../../../agent/core/codec.ts";
import { enrolment, judgeEnrolment } from "../../../../agent/core/membership/enrolment.ts";
import { chainIdOf, MAX_GENESIS_BYTES, readGenesis } from "../../../../agent/core/membership/genesis.ts";
import { verifySignature } from "../../../../agent/core/signature.ts";
import { edso, identityOf } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const init = suite("edso init");

init("makes an enrolment that its own key signs and a configuration that loads", async () => {
  await withTemporaryDirectory(async (root) => {
    const data = join(root, "new", "dep1");
    const run = await edso([...initArgs("dep1", data), "--address", "/ip4/192.0.2.7/tcp/4001"]);
    assert.equal([run.exit, run.error], [0, ""]);
    const { body } = await enrolled(data);
    const { sign, ...identity } = identityOf(join(data, "keys"));
    assert.equal({ publicKey: body.publicKey, peerId: body.peerId, recordsKey: body.recordsKey }, identity);
    assert.equal(body.meters, [
      { serial: "dep1-1", role: "generation", fuel: "solar" },
      { serial: "dep1-2", role: "consumption", fuel: null },
    ]);
    assert.equal(body.addresses, ["/ip4/192.0.2.7/tcp/4001"]);
    const config = loadConfig(join(data, "edso.yaml"), {});
    assert.is(config.name, "dep1");
    assert.is(config.dataDirectory, data);
    assert.is(config.genesisFile, join(data, "genesis.cbor"));
    assert.is(config.lines[0]?.baudRate, 9600);
    assert.is(config.lines[0]?.port, "/dev/ttyUSB0");
    assert.ok(existsSync(join(data, "edso.schema.json")));
    assert.match(run.out, /address {4}meter1/);
    assert.match(run.out, `edso start --data ${data}`);
  });
});

init("prints the result as JSON", async () => {
  await withTemporaryDirectory(async (root) => {
    const run = await edso([...initArgs("dep1", join(root, "dep1")), "--json"]);
    const { schema, name, microgridId, addresses } = run.json();
    assert.equal(
      { schema, name, microgridId, addresses },
      {
        schema: "edso.init/1",
        name: "dep1",
        microgridId: "street",
        addresses: [],
      },
    );
    assert.match(run.error, "--address");
  });
});

init("never overwrites keys, configuration or enrolment", async () => {
  for (const name of ["keys/ledger.key", "edso.yaml", "enrolment.cbor", "edso.schema.json"]) {
    await withTemporaryDirectory(async (root) => {
      const data = join(root, "dep1");
      await mkdir(dirname(join(data, name)), { recursive: true });
      await writeFile(join(data, name), "mine");
      const run = await edso(initArgs("dep1", data));
      assert.is(run.exit, 73, name);
      assert.match(run.error, "code: CLI_FILE_EXISTS");
      assert.is(await readFile(join(data, name), "utf8"), "mine");
    });
  }
});

init("makes nothing when an option is wrong", async () => {
  const cases: readonly (readonly [wrong: readonly string[], told: string])[] = [
    [["--meter", "generation:sdm120:1:A1"], "needs its fuel"],
    [["--meter", "consumption:sdm120:1:A1:solar"], "only a generation meter has a fuel"],
    [["--meter", "roof:sdm120:1:A1"], "the role is one of"],
    [["--meter", "grid:sdm120:1:A1:coal"], "the fuel is one of"],
    [["--meter", "grid:sdm120:248:A1"], "from 1 to 247"],
    [["--meter", "grid:sdm120:1"], "write role:definition"],
    [["--meter", "grid:sdm121:1:A1"], "write sdm120"],
    [["--meter", "grid:sdm120:1:A1", "--meter", "consumption:sdm630:2:A2"], "use one of"],
    [["--meter", "consumption:sdm630:1:A2", "--baud", "9601"], "baudRate"],
    [["--meter", "consumption:sdm630:1:A2", "--name", "Dep 1"], "name"],
    [["--meter", "consumption:sdm630:1:A2", "--microgrid", "My Street"], "--microgrid"],
    [["--meter", "consumption:sdm630:1:A2", "--listen", "0.0.0.0:4001"], "multiaddress"],
    [["--meter", "consumption:sdm630:1:A2", "--rating-watts", "1.5"], "--rating-watts"],
  ];
  await withTemporaryDirectory(async (root) => {
    const data = join(root, "dep1");
    const base = ["init", "--data", data, "--line", "/dev/ttyUSB0"];
    for (const [wrong, told] of cases) {
      const named = wrong.includes("--name") ? [] : ["--name", "dep1"];
      const joined = wrong.includes("--microgrid") ? [] : ["--microgrid", "street"];
      const run = await edso([...base, ...named, ...joined, ...wrong]);
      assert.is(run.exit, 64, wrong.join(" "));
      assert.match(run.error, told);
      assert.not(existsSync(data), wrong.join(" "));
    }
  });
});

init.run();

const admin = suite("edso admin genesis");

admin("signs a genesis that every gateway accepts, and prints its members and chain id", async () => {
  await withTemporaryDirectory(async (root) => {
    const files = await twoEnrolments(root);
    const out = join(root, "genesis.cbor");
    const keys = join(root, "admin");
    const run = await edso([
      ...genesisArgs(out, keys),
      ...["--interval-seconds", "5", "--mode", "grid-tied", "--term-max", "7", "--first-interval", "1000"],
      ...files,
    ]);
    assert.is(run.exit, 0, run.error);
    assert.match(run.error, "made the GridAdmin's keys");
    const judged = readGenesis(Uint8Array.from(await readFile(out)), verifySignature);
    assert.is(judged.kind, "accept");
    if (judged.kind !== "accept") return;
    const { body } = judged.value;
    assert.equal(
      [body.microgridId, body.intervalMs, body.mode, body.termMax, body.firstInterval, body.timeLapse],
      ["street", 5000, "grid-tied", 7, 1000, 1],
    );
    assert.equal(body.gridAdminKey, identityOf(keys).publicKey);
    assert.equal(
      body.members.map((member) => member.body.name),
      ["dep1", "dep2"],
    );
    assert.match(run.out, chainIdOf(body));
    assert.match(run.out, /^dep1 {4}meter1/m);
  });
});

admin("begins with the next interval by default, and draws another seed each time", async () => {
  await withTemporaryDirectory(async (root) => {
    const files = await twoEnrolments(root);
    const seeds: string[] = [];
    for (const name of ["a.cbor", "b.cbor"]) {
      const before = Math.floor(Date.now() / 900_000);
      const run = await edso([...genesisArgs(join(root, name), join(root, "admin")), "--json", ...files]);
      const after = Math.floor(Date.now() / 900_000);
      const told = run.json();
      assert.is(told.schema, "edso.genesis/1");
      assert.ok([before + 1, after + 1].includes(Number(told.firstInterval)));
      seeds.push(String(told.chainId));
    }
    assert.is.not(seeds[0], seeds[1]);
  });
});

admin("names every enrolment that it refuses, and writes nothing", async () => {
  await withTemporaryDirectory(async (root) => {
    const [first = "", second = ""] = await twoEnrolments(root);
    const forged = Uint8Array.from(await readFile(first));
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    await writeFile(join(root, "forged.cbor"), forged);
    await writeFile(join(root, "noise.cbor"), "noise");
    const out = join(root, "genesis.cbor");
    const run = await edso([
      ...genesisArgs(out, join(root, "admin")),
      second,
      join(root, "forged.cbor"),
      join(root, "noise.cbor"),
    ]);
    assert.is(run.exit, 65);
    assert.match(run.error, /forged\.cbor: BAD_SIGNATURE/);
    assert.match(run.error, /noise\.cbor: NOT_C/);
    assert.not(existsSync(out));
    assert.not(existsSync(join(root, "admin")));
  });
});

admin("refuses another microgrid's enrolment, the same one twice, and a missing file", async () => {
  await withTemporaryDirectory(async (root) => {
    const [first = "", second = ""] = await twoEnrolments(root);
    const out = join(root, "genesis.cbor");
    const keys = join(root, "admin");
    const other = ["admin", "genesis", "--out", out, "--admin-keys", keys, "--microgrid", "elsewhere"];
    for (const [args, exit, told] of [
      [[...other, first], 65, "ENROLMENT_MICROGRID street"],
      [[...genesisArgs(out, keys), first, second, first], 65, "GENESIS_DUPLICATE"],
      [[...genesisArgs(out, keys), first, join(root, "none.cbor")], 66, "CLI_FILE_MISSING"],
      [[...genesisArgs(out, keys), "--mode", "grid", first], 64, "grid-tied"],
      [[...genesisArgs(out, keys), "--interval-seconds", "0", first], 64, "from 1 to 86400"],
      [genesisArgs(out, keys), 64, "enrolments"],
    ] as const) {
      const run = await edso(args);
      assert.is(run.exit, exit, run.error);
      assert.match(run.error, told);
      assert.not(existsSync(out));
    }
  });
});

admin("never overwrites a genesis", async () => {
  await withTemporaryDirectory(async (root) => {
    const out = join(root, "genesis.cbor");
    await writeFile(out, "mine");
    const run = await edso([...genesisArgs(out, join(root, "admin")), ...(await twoEnrolments(root))]);
    assert.is(run.exit, 73);
    assert.is(await readFile(out, "utf8"), "mine");
  });
});

admin.run();

function initArgs(name: string, data: string): readonly string[] {
  return [
    ...["init", "--name", name, "--microgrid", "street", "--data", data, "--line", "/dev/ttyUSB0"],
    ...["--meter", `generation:sdm120:1:${name}-1:solar`, "--meter", `consumption:sdm630:2:${name}-2`],
  ];
}

function genesisArgs(out: string, keys: string): readonly string[] {
  return ["admin", "genesis", "--out", out, "--admin-keys", keys, "--microgrid", "street"];
}

async function twoEnrolments(root: string): Promise<readonly string[]> {
  return Promise.all(
    ["dep1", "dep2"].map(async (name) => {
      const run = await edso(initArgs(name, join(root, name)));
      assert.is(run.exit, 0, run.error);
      return join(root, name, "enrolment.cbor");
    }),
  );
}

async function enrolled(data: string) {
  const encoded = Uint8Array.from(await readFile(join(data, "enrolment.cbor")));
  const decoded = decode(encoded, enrolment, MAX_GENESIS_BYTES);
  assert.is(decoded.kind, "accept");
  if (decoded.kind !== "accept") throw new Error("unreachable");
  assert.is(judgeEnrolment(decoded.value, verifySignature).kind, "accept");
  return decoded.value;
}
