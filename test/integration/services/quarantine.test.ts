// time limit: 400 s
/** A real ledger that is damaged, lost or shortened: set aside, fetched again from the others, and voted on again. */
import { readdir, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blockKey, certificateKey, HEAD_KEY } from "../../../agent/adapters/store/keySpace.ts";
import { StoreError } from "../../../agent/adapters/store/storeError.ts";
import { isAgentError } from "../../../agent/core/errors.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { height } from "../../../agent/core/units.ts";
import type { RunningLives } from "../../../agent/services/lives.ts";
import { failsWith } from "../../support/failure.ts";
import { HubWitness } from "../../support/hubWitness.ts";
import { LEVEL_GATEWAY, LevelStreet } from "../../support/levelGateway.ts";
import { INTERVAL_MS, secretKeyOf } from "../../support/memoryStreet.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";
import { until } from "../../support/until.ts";
import { wrappedStore } from "../../support/wrappedStore.ts";

const test = suite("a ledger that is not trusted");
const SELF = memberIdOf(publicKeyOf(secretKeyOf(LEVEL_GATEWAY)));

type Scene = { readonly level: LevelStreet; readonly witness: HubWitness };
type Damage = (directory: string) => Promise<void>;

/** A street of four that has run for five intervals; its gateway with the real ledger is stopped. */
async function withScene(gateways: number, use: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryDirectory(async (parent) => {
    const level = new LevelStreet(parent, { gateways });
    const witness = new HubWitness(level.street);
    await level.street.start([LEVEL_GATEWAY]);
    const lives = await level.begin();
    await level.pass(6 * INTERVAL_MS);
    assert.ok((await headOf(level)) >= 3, "had blocks, and votes in its journal");
    await lives.stop();
    try {
      await use({ level, witness });
      assert.equal(witness.contradictions, []);
    } finally {
      for (const { name, agent } of level.street.gateways) if (name !== LEVEL_GATEWAY) await agent.stop();
    }
  });
}

const headOf = async (level: LevelStreet) => (await level.gateway.agent.status()).ledger.height;
const eventsOf = (level: LevelStreet, event: string) =>
  level.gateway.log.events.filter((logged) => logged.event === event);

/** Its votes are needed: one of the other three is off. */
async function assertVotesAgain({ level, witness }: Scene): Promise<void> {
  const status = await level.gateway.agent.status();
  assert.is(status.participation, "voter", status.observesBecause ?? "");
  level.street.cutPower("dep2");
  const before = await headOf(level);
  await level.pass(5 * INTERVAL_MS);
  assert.ok((await headOf(level)) >= before + 2, "the quorum of three needs it");
  const own = witness.votes.filter((vote) => vote.kind !== "proposal" && vote.voter === SELF);
  assert.ok(own.some((vote) => vote.height > before));
}

const remove =
  (pattern: RegExp): Damage =>
  async (directory) => {
    for (const name of await readdir(directory)) if (pattern.test(name)) await unlink(join(directory, name));
  };
const empty =
  (pattern: RegExp): Damage =>
  async (directory) => {
    for (const name of await readdir(directory))
      if (pattern.test(name)) await truncate(join(directory, name));
  };
const change =
  (key: Uint8Array, edit: (value: Uint8Array) => Uint8Array | null): Damage =>
  async (directory) => {
    const raw = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" });
    await raw.open();
    const value = edit(Uint8Array.from((await raw.get(key)) ?? []));
    await (value === null ? raw.del(key) : raw.put(key, value));
    await raw.close();
  };
const flip = (at: number) => (value: Uint8Array) => value.with(at, (value.at(at) ?? 0) ^ 1);

const DAMAGES: readonly (readonly [name: string, damage: Damage, code: string])[] = [
  ["its CURRENT missing", remove(/^CURRENT$/), "STORE_DAMAGED"],
  ["an empty MANIFEST", empty(/^MANIFEST/), "STORE_DAMAGED"],
  ["its MANIFEST missing", remove(/^MANIFEST/), "STORE_DAMAGED"],
  ["one bit of a block changed", change(blockKey(height(2)), flip(-1)), "STORE_DAMAGED"],
  ["a block missing in the middle", change(blockKey(height(2)), () => null), "STORE_DAMAGED"],
  ["block and certificate missing in the middle", deleteBoth, "LEDGER_DAMAGED"],
  ["its newest block missing", (directory) => deleteNewest(directory), "STORE_DAMAGED"],
  ["the head changed", change(HEAD_KEY, flip(30)), "STORE_DAMAGED"],
  [
    "garbage for files",
    async (directory) => {
      for (const name of await readdir(directory))
        if (name !== "LOCK") await writeFile(join(directory, name), "garbage ".repeat(99));
    },
    "STORE_DAMAGED",
  ],
];

async function deleteBoth(directory: string): Promise<void> {
  await change(blockKey(height(2)), () => null)(directory);
  await change(certificateKey(height(2)), () => null)(directory);
}

async function deleteNewest(directory: string): Promise<void> {
  for (let at = 20; at > 0; at -= 1) {
    const raw = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" });
    await raw.open();
    const isThere = (await raw.get(blockKey(height(at)))) !== undefined;
    if (isThere) await raw.del(blockKey(height(at)));
    await raw.close();
    if (isThere) return;
  }
}

for (const [name, damage, code] of DAMAGES) {
  test(`with ${name} is set aside as ${code}, fetched again, and voted on again`, () =>
    withScene(4, async (scene) => {
      const { level } = scene;
      await damage(level.directory);
      const lives = await level.begin();
      const [logged] = eventsOf(level, "ledger.set-aside");
      assert.is(isAgentError(logged?.error) && logged.error.code, code);
      const [aside] = await level.aside();
      assert.match(aside ?? "", /^ledger\.damaged-\d{8}T\d{6}Z$/);
      assert.match(String(logged?.fields.path), aside ?? "none");
      await whileFollowing(scene, lives);
    }));
}

test("that is gone altogether is fetched again, and voted on again", () =>
  withScene(4, async (scene) => {
    await rm(scene.level.directory, { recursive: true });
    await whileFollowing(scene, await scene.level.begin());
  }));

/** From the first moment on an empty ledger until it votes again. */
async function whileFollowing(scene: Scene, lives: RunningLives): Promise<void> {
  const { level } = scene;
  const status = await level.gateway.agent.status();
  assert.equal([status.participation, status.observesCode], ["observer", "LEDGER_BEHIND_VOTES"]);
  assert.match(status.observesBecause ?? "", /^the ledger ends at height 0, but/);
  await level.pass(3 * INTERVAL_MS);
  assert.ok(eventsOf(level, "voting.ledger-caught-up").length === 1);
  await assertVotesAgain(scene);
  await lives.stop();
  assert.ok((await readdir(level.directory)).includes("CURRENT"));
}

test("that turns out damaged while the agent runs is set aside too", () =>
  withScene(4, async (scene) => {
    const { level } = scene;
    let isDamaged = false;
    const refuse = () => Promise.reject(new StoreError("STORE_DAMAGED", { height: 2 }));
    level.wrap = (store) => wrappedStore(store, { block: (at) => (isDamaged ? refuse() : store.block(at)) });
    const lives = await level.begin();
    await level.pass(INTERVAL_MS);
    isDamaged = true;
    await failsWith(() => level.gateway.agent.block(height(2)), "STORE_DAMAGED");
    isDamaged = false;
    await until("the ledger is set aside", () => eventsOf(level, "ledger.set-aside").length === 1);
    await level.pass(4 * INTERVAL_MS);
    await assertVotesAgain(scene);
    await lives.stop();
  }));

test("of a street of one is not invented anew: it meters, says so, and does not vote", () =>
  withTemporaryDirectory(async (parent) => {
    const level = new LevelStreet(parent, { gateways: 1 });
    const lives = await level.begin();
    await level.pass(5 * INTERVAL_MS);
    const before = await headOf(level);
    assert.ok(before >= 2);
    await lives.stop();
    await empty(/^MANIFEST/)(level.directory);
    const again = await level.begin();
    await level.pass(4 * INTERVAL_MS);
    const { ledger, hindrances, outboxReadings } = await level.gateway.agent.status();
    assert.is(ledger.height, 0);
    const [behind] = hindrances;
    assert.is(behind?.code, "LEDGER_BEHIND_VOTES");
    assert.match(behind?.because ?? "", /a street of one has nobody to fetch them from$/);
    assert.match(behind?.next ?? "", /backup/);
    assert.ok(outboxReadings >= 2, "metering goes on");
    await again.stop();
  }));

test("beside a lost vote journal leaves the gateway without a vote until the ledger brings it back", () =>
  withScene(4, async ({ level }) => {
    Object.assign(level.gateway.voteDisk, { starts: 0, votes: [], abstention: null });
    await empty(/^MANIFEST/)(level.directory);
    const lives = await level.begin();
    assert.is((await level.gateway.agent.status()).observesCode, "AMNESIA");
    const [abstained] = eventsOf(level, "voting.abstained");
    assert.match(String(abstained?.fields.reason), /no vote journal/);
    await level.pass(6 * INTERVAL_MS);
    assert.ok((await headOf(level)) >= 4, "it follows");
    const [regained] = eventsOf(level, "voting.regained");
    assert.ok(Number(regained?.fields.height) > 4, "by a block that was made after the loss");
    await lives.stop();
  }));

test("that is damaged again and again ends the agent in the end", () =>
  withScene(4, async ({ level }) => {
    const refuse = () => Promise.reject(new StoreError("STORE_DAMAGED", { reason: "always" }));
    level.wrap = (store) => wrappedStore(store, { head: refuse });
    await failsWith(() => level.begin(), "STORE_DAMAGED");
    assert.is((await level.aside()).length, 3);
  }));

test.run();
