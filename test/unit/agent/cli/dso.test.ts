import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ApiClient } from "../../../../agent/cli/dependencies.ts";
import { decode, encode } from "../../../../agent/core/codec.ts";
import {
  encodeTransaction,
  MAX_TRANSACTION_BYTES,
  signedTransaction,
} from "../../../../agent/core/ledger/state/transaction.ts";
import { cborEnrolment } from "../../../../agent/core/membership/enrolment.ts";
import { encodeGenesis } from "../../../../agent/core/membership/genesis.ts";
import { publicKeyOf, signMessage } from "../../../../agent/core/signature.ts";
import { testEnrolment, testGenesis, verify } from "../../../support/chainBuilder.ts";
import { edso } from "../../../support/cliWorld.ts";
import { DSO, EVIDENCE, hashAt } from "../../../support/fakeAgentView.ts";
import { secretKeyOf } from "../../../support/memoryStreet.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("edso dso, evidence, submit and admin");

const waiting = {
  schema: "edso.transaction/1",
  id: hashAt(9),
  signer: "dep1",
  sequence: 4,
  kind: "ballot",
} as const;

function answering(asked: unknown[]): (socketPath: string) => ApiClient {
  const never = () => Promise.reject(new Error("not asked here"));
  return () => ({
    status: never,
    intervals: never,
    block: never,
    frames: never,
    dso: async () => DSO,
    evidence: async () => EVIDENCE,
    policies: never,
    accounts: never,
    castBallot: async (candidate) => {
      asked.push(candidate);
      return waiting;
    },
    swapMeter: never,
    profile: never,
    submit: async (bytes) => {
      asked.push(bytes.length);
      return { ...waiting, kind: "roster", signer: "grid-admin" };
    },
    bids: never,
    placeBid: never,
    commits: () => {
      throw new Error("not asked here");
    },
  });
}

async function ran(args: readonly string[], asked: unknown[] = []) {
  const key = secretKeyOf("grid-admin");
  const identity = {
    publicKey: publicKeyOf(key),
    peerId: "admin",
    recordsKey: new Uint8Array(32),
    sign: async (message: Uint8Array) => signMessage(key, message),
  };
  const { exit, out, error } = await edso(args, {
    agentClient: answering(asked),
    verify,
    loadIdentity: async () => identity,
  });
  return { code: exit, out, error };
}

test("says who is DSO, since when, by which mandate, and who comes next and why", async () => {
  const { code, out } = await ran(["dso", "--socket", "x"]);
  assert.is(code, 0);
  assert.match(out, "DSO       dep2, term 2 since height 5, block 3 of 96");
  assert.match(out, "recall of the DSO before it, height 5, round 1, signed by dep1, dep2, dep3");
  assert.match(out, /0 +dep2 +0 +- +holds the office/);
  assert.match(out, /2 +dep3 +0 +40 +ballots, then the order of the genesis/);
  assert.match(out, /3 +dep4 +0 +- +named by evidence in the last block/);
  assert.match(out, "no vote   dep5, suspended");
  assert.match(out, "coming    admit dep6, active at height 10");
  assert.match(out, "next transaction is number 3");
});

test("prints the same as JSON", async () => {
  assert.equal(JSON.parse((await ran(["dso", "--socket", "x", "--json"])).out), DSO);
  assert.equal(JSON.parse((await ran(["evidence", "--socket", "x", "--json"])).out), EVIDENCE);
});

test("casts a ballot by name, and takes it back", async () => {
  const asked: unknown[] = [];
  assert.match(
    (await ran(["dso", "vote", "dep3", "--socket", "x"], asked)).out,
    "ballot of dep1, transaction 4, waits",
  );
  await ran(["dso", "vote", "none", "--socket", "x"], asked);
  assert.equal(asked, ["dep3", null]);
});

test("says whose contradictions are proven, where, and who reported them", async () => {
  const { out } = await ran(["evidence", "--socket", "x"]);
  assert.match(out, /dep4 +two votes at height 7 +8 +dep1/);
  assert.match(out, /dep5 +two readings of interval 1007 +8 +dep2/);
});

test("signs an admission that the ledger takes, and hands it to an agent", () =>
  withTemporaryDirectory(async (directory) => {
    const genesis = testGenesis([testEnrolment("dep1"), testEnrolment("dep2")]);
    const place = (name: string) => join(directory, name);
    await writeFile(place("genesis.cbor"), encodeGenesis(genesis));
    await writeFile(place("dep3.cbor"), encode(cborEnrolment(testEnrolment("dep3"))));
    const common = ["--genesis", place("genesis.cbor"), "--admin-keys", directory, "--sequence", "7"];
    const admitted = await ran(["admin", "admit", place("dep3.cbor"), ...common, "--out", place("a.tx")]);
    assert.is(admitted.code, 0, admitted.error);
    const read = decode(await readFile(place("a.tx")), signedTransaction, MAX_TRANSACTION_BYTES);
    if (read.kind !== "accept") return assert.unreachable(read.code);
    assert.is(read.value.transaction.sequence, 7);
    assert.is(read.value.transaction.content.kind, "roster");
    const asked: unknown[] = [];
    const submitted = await ran(["submit", place("a.tx"), "--socket", "x"], asked);
    assert.match(submitted.out, "roster of grid-admin, transaction 4, waits for a block");
    assert.equal(asked, [encodeTransaction(read.value).length]);
    const again = await ran(["admin", "revoke", "dep2", ...common, "--out", place("a.tx")]);
    assert.is(again.code, 73, "nothing is overwritten");
    const revoked = await ran(["admin", "revoke", "dep2", ...common, "--out", place("r.tx")]);
    assert.is(revoked.code, 0, revoked.error);
  }));

test("refuses a name that nobody has, other keys, and a file that is no transaction", () =>
  withTemporaryDirectory(async (directory) => {
    const place = (name: string) => join(directory, name);
    const foreign = testGenesis([testEnrolment("dep1")], { gridAdminKey: publicKeyOf(secretKeyOf("dep1")) });
    await writeFile(place("own.cbor"), encodeGenesis(testGenesis([testEnrolment("dep1")])));
    await writeFile(place("junk.tx"), "junk");
    const common = ["--admin-keys", directory, "--sequence", "1", "--out", place("x.tx")];
    const unknown = await ran(["admin", "revoke", "dep9", "--genesis", place("own.cbor"), ...common]);
    assert.is(unknown.code, 64);
    await writeFile(place("foreign.cbor"), encodeGenesis(foreign));
    const other = await ran(["admin", "revoke", "dep1", "--genesis", place("foreign.cbor"), ...common]);
    assert.ok([65, 77].includes(other.code), other.error);
    assert.is((await ran(["submit", place("junk.tx"), "--socket", "x"])).code, 65);
  }));

test.run();
