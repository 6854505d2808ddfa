/** `edso policy`, `edso accounts`, `edso admin policy|issue|regulator-key`: from a file to what the ledger takes. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ApiClient, Identity } from "../../../../agent/cli/dependencies.ts";
import { toHex } from "../../../../agent/core/bytes.ts";
import { decode } from "../../../../agent/core/codec.ts";
import { MAX_TRANSACTION_BYTES, signedTransaction } from "../../../../agent/core/ledger/state/transaction.ts";
import { encodeGenesis } from "../../../../agent/core/membership/genesis.ts";
import { publicKeyOf, signMessage } from "../../../../agent/core/signature.ts";
import { testEnrolment, testGenesis, verify } from "../../../support/chainBuilder.ts";
import { edso } from "../../../support/cliWorld.ts";
import { ACCOUNTS, POLICIES } from "../../../support/fakeAgentView.ts";
import { secretKeyOf } from "../../../support/memoryStreet.ts";
import { policyFileText } from "../../../support/policyText.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("edso policy, accounts and admin policy");

/** Keys by the name of their directory. */
function identityOf(directory: string): Identity {
  const key = secretKeyOf(directory.endsWith("regulator") ? "regulator" : "grid-admin");
  return {
    publicKey: publicKeyOf(key),
    peerId: "x",
    recordsKey: new Uint8Array(32),
    sign: async (message: Uint8Array) => signMessage(key, message),
  };
}

async function ran(args: readonly string[]) {
  const made: string[] = [];
  const client = { policies: async () => POLICIES, accounts: async () => ACCOUNTS };
  const { exit, out, error } = await edso(args, {
    verify,
    agentClient: () => client as unknown as ApiClient,
    loadIdentity: async (directory) => identityOf(directory),
    createKeys: async (directory) => {
      made.push(directory);
      return identityOf(directory);
    },
  });
  return { code: exit, out, error, made };
}

async function inDirectory(run: (place: (name: string) => string) => Promise<void>): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const place = (name: string) => join(directory, name);
    await writeFile(place("policy.yaml"), policyFileText());
    await writeFile(place("genesis.cbor"), encodeGenesis(testGenesis([testEnrolment("dep1")])));
    await run(place);
  });
}

async function contentOf(path: string) {
  const read = decode(await readFile(path), signedTransaction, MAX_TRANSACTION_BYTES);
  if (read.kind !== "accept") throw new Error(read.code);
  return read.value.transaction;
}

test("checks a file and says what it comes to", () =>
  inDirectory(async (place) => {
    const { code, out } = await ran(["policy", "check", place("policy.yaml")]);
    assert.is(code, 0);
    assert.match(out, /^ +1 +1998908 \(2027-01-03T23:00Z\) +1999100 \(2027-01-05T23:00Z\) +5 +\d+/m);
    const json = JSON.parse((await ran(["policy", "check", place("policy.yaml"), "--json"])).out);
    assert.equal(
      [json.schema, json.policies[0].steps, json.policies[0].file],
      ["edso.compiled-policy/1", 5, null],
    );
  }));

test("ends with 65 and the place of the fault for a file that is wrong, with 66 for none", () =>
  inDirectory(async (place) => {
    await writeFile(place("wrong.yaml"), policyFileText({ fee: "free" }));
    const wrong = await ran(["policy", "check", place("wrong.yaml")]);
    assert.is(wrong.code, 65);
    assert.match(wrong.error, "code: POLICY_FILE_INVALID");
    assert.match(wrong.error, /wrong\.yaml:\d+:\d+ fee/);
    assert.is((await ran(["policy", "check", place("none.yaml")])).code, 66);
    await writeFile(place("dear.yaml"), policyFileText({ cap: "0.15" }));
    const dear = await ran(["policy", "check", place("dear.yaml")]);
    assert.is(dear.code, 65);
    assert.match(dear.error, "POLICY_PRICES trade price");
  }));

test("signs with the Regulator's keys what the GridAdmin then deploys", () =>
  inDirectory(async (place) => {
    const signed = await ran([
      ...["policy", "sign", place("policy.yaml")],
      ...["--keys", place("regulator"), "--out", place("policy")],
    ]);
    assert.is(signed.code, 0, signed.error);
    const common = ["--genesis", place("genesis.cbor"), "--admin-keys", place("admin"), "--sequence", "3"];
    const deployed = await ran([
      ...["admin", "policy", place("policy-1.cbor"), ...common],
      ...["--out", place("p.tx")],
    ]);
    assert.is(deployed.code, 0, deployed.error);
    const { sequence, content } = await contentOf(place("p.tx"));
    assert.equal([sequence, content.kind], [3, "policy"]);
    const genesis = await ran([
      ...["policy", "sign", place("policy.yaml"), "--keys", place("admin"), "--out", place("own")],
    ]);
    assert.is(genesis.code, 0);
    const refused = await ran([
      ...["admin", "policy", place("own-1.cbor"), ...common, "--out", place("o.tx")],
    ]);
    assert.is(refused.code, 65);
    assert.match(refused.error, "POLICY_BAD_SIGNATURE");
    const other = await ran([
      ...["admin", "policy", place("policy.yaml"), ...common, "--out", place("o.tx")],
    ]);
    assert.match(other.error, "code: POLICY_REFUSED");
  }));

test("issues coins to a member by name", () =>
  inDirectory(async (place) => {
    const common = ["--genesis", place("genesis.cbor"), "--admin-keys", place("admin"), "--sequence", "1"];
    const issue = (coins: string, to = "dep1") =>
      ran(["admin", "issue", "--to", to, "--coins", coins, ...common, "--out", place(`${coins}.tx`)]);
    assert.is((await issue("2.5")).code, 0);
    const { content } = await contentOf(place("2.5.tx"));
    assert.ok(content.kind === "issue" && content.amount === 2_500_000n);
    for (const coins of ["0", "-1", "1.0000001", "many"]) assert.is((await issue(coins)).code, 64, coins);
    assert.is((await issue("1", "dep9")).code, 64);
  }));

test("makes the Regulator's keys once, and prints the public one", () =>
  inDirectory(async (place) => {
    const first = await ran(["admin", "regulator-key", "--keys", place("regulator")]);
    assert.equal(first.made, [place("regulator")]);
    assert.is(first.out, `${toHex(publicKeyOf(secretKeyOf("regulator")))}\n`);
  }));

test("shows what is in force with the prices of its steps, by interval, and all", async () => {
  const { out } = await ran(["policy", "show", "--socket", "x"]);
  assert.match(out, "policy 2, in force, by schedule");
  assert.match(out, /1500 +\S+ +0\.250000 +0\.350000 +0\.080000/);
  assert.match(out, "credit   10.000000; dep1 0.000000");
  assert.match((await ran(["policy", "show", "--all", "--socket", "x"])).out, "policy 2");
  assert.match(
    (await ran(["policy", "show", "--interval", "2000", "--socket", "x"])).out,
    "no policy is in force",
  );
  assert.equal(JSON.parse((await ran(["policy", "show", "--socket", "x", "--json"])).out), POLICIES);
});

test("shows accounts, and who may buy", async () => {
  const { out } = await ran(["accounts", "--socket", "x"]);
  assert.match(out, /^dep1 +5\.200001 +may buy/m);
  assert.match(out, /^dep2 +-0\.200002 +may not buy/m);
  assert.match(out, "after block 7; 5.000000 coins issued");
  assert.equal(JSON.parse((await ran(["accounts", "--socket", "x", "--json"])).out), ACCOUNTS);
});

test.run();
