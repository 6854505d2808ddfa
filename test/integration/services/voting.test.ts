/** What a gateway does when its votes cannot be kept, may be forgotten, or are not the only ones of its key. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signBytesOf } from "../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../agent/core/hash.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf, signMessage } from "../../../agent/core/signature.ts";
import { height, round } from "../../../agent/core/units.ts";
import { encodeVoteMessage, readWire } from "../../../agent/core/wire.ts";
import { HubWitness } from "../../support/hubWitness.ts";
import { MemoryStreet, type StreetOptions, secretKeyOf } from "../../support/memoryStreet.ts";
import { wrappedTransport } from "../../support/wrappedTransport.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;
const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));

async function withStreet(
  options: StreetOptions,
  run: (street: MemoryStreet) => Promise<void>,
): Promise<void> {
  const street = new MemoryStreet(options);
  await street.start();
  try {
    await run(street);
    for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  } finally {
    await street.stop();
  }
}

/** @returns votes that this gateway published above a height */
const votesAbove = (witness: HubWitness, name: string, above: number) =>
  witness.votes.filter(
    (vote) => vote.height > above && (vote.kind === "proposal" ? vote.proposer : vote.voter) === idOf(name),
  );

const voting = suite("voting");

voting("publishes no vote that is not in its journal yet", async () => {
  const published: string[] = [];
  const durable = new Set<string>();
  await withStreet(
    {
      gateways: 4,
      wrapJournal: (name, journal, street) => ({
        ...journal,
        append: async (vote, electors) => {
          // A slow disk: what went out before this returns would be seen.
          await new Promise((resolve) => setImmediate(resolve));
          await journal.append(vote, electors);
          const { roster, voters } = street.context;
          durable.add(`${name} ${hashOf(encodeVoteMessage(vote.message, roster.chainId, voters.voters))}`);
        },
      }),
      wrapTransport: (name, transport) =>
        wrappedTransport(transport, {
          publish: (channel, bytes) => {
            const id = `${name} ${hashOf(bytes)}`;
            if (channel === "votes") {
              assert.ok(durable.has(id), "published before it was durable");
              published.push(id);
            }
            return transport.publish(channel, bytes);
          },
        }),
    },
    async (street) => {
      await street.pass(4, ENERGIES);
      assert.ok(published.length >= 4 * 2 * 2, `${published.length}`);
    },
  );
});

voting("S4: a COMMIT, its PREPAREs and its body are one write", () =>
  withStreet({ gateways: 4 }, async (street) => {
    await street.pass(4, ENERGIES);
    const commits = street
      .gateway("dep2")
      .voteDisk.written.filter(({ message }) => message.kind === "commit");
    assert.ok(commits.length >= 2);
    for (const { message, basis } of commits) {
      assert.is(basis?.prepared.round, message.round);
      assert.is(basis?.prepared.signers.length, 3);
      const stored = street.gateway("dep2").storeDisk.blocks[message.height - 1];
      assert.equal(basis?.body, stored?.block);
    }
  }),
);

voting("goes on metering and following without voting when the journal cannot be written", () => {
  let isBroken = false;
  return withStreet(
    {
      gateways: 4,
      wrapJournal: (name, journal) => ({
        ...journal,
        append: (vote, electors) =>
          isBroken && name === "dep2"
            ? Promise.reject(new Error("read-only"))
            : journal.append(vote, electors),
      }),
    },
    async (street) => {
      const witness = new HubWitness(street);
      await street.pass(3, ENERGIES);
      const { ledger } = await street.gateway("dep2").agent.status();
      isBroken = true;
      await street.pass(4, ENERGIES);
      const { participation, observesCode, ledger: later } = await street.gateway("dep2").agent.status();
      assert.equal([participation, observesCode], ["observer", "VOTE_NOT_DURABLE"]);
      assert.ok(later.height >= ledger.height + 3);
      assert.equal(votesAbove(witness, "dep2", ledger.height), []);
      const [view] = (await street.gateway("dep1").agent.intervals(height(later.height))) ?? [];
      assert.is(view?.members.find((member) => member.name === "dep2")?.missing, false, "still metered");
      assert.ok(street.gateway("dep2").log.events.some(({ event }) => event === "voting.stopped"));
    },
  );
});

const guard = suite("clone guard");

/** A vote that someone with the key of this gateway signs, sent by another gateway. */
async function forge(street: MemoryStreet, name: string, atHeight: number): Promise<void> {
  const { roster, voters } = street.context;
  const place = { height: height(atHeight), round: round(0), blockHash: hashOf(Uint8Array.of(1)) };
  const unsigned = { kind: "prepare", ...place, voter: idOf(name) } as const;
  const bytesToSign = signBytesOf(unsigned, roster.chainId, roster.epoch);
  const message = { ...unsigned, signature: signMessage(secretKeyOf(name), bytesToSign) };
  const bytes = encodeVoteMessage(message, roster.chainId, voters.voters);
  const from = street.gateways.find((gateway) => gateway.name !== name)?.name ?? "";
  street.hub.send({ from, to: name, channel: "votes", bytes });
  await street.clock.advance(5);
}

for (const [where, ahead] of [
  ["in progress", 1],
  ["next to come", 2],
  ["far ahead", 50],
] as const) {
  guard(
    `stops voting at a vote of its own key for the height ${where} that it did not sign, and raises the alarm`,
    () =>
      withStreet({ gateways: 4 }, async (street) => {
        await street.pass(3, ENERGIES);
        const { ledger } = await street.gateway("dep3").agent.status();
        await forge(street, "dep3", ledger.height + ahead);
        const witness = new HubWitness(street);
        const { participation, observesCode, observesBecause } = await street.gateway("dep3").agent.status();
        assert.equal([participation, observesCode], ["observer", "KEY_CLONED"]);
        assert.match(observesBecause ?? "", /^key cloned: a prepare of height/);
        assert.ok(street.gateway("dep3").log.events.some(({ event }) => event === "key.cloned"));
        await street.pass(4, ENERGIES);
        assert.equal(votesAbove(witness, "dep3", ledger.height), []);
        const { ledger: later } = await street.gateway("dep3").agent.status();
        assert.ok(later.height >= ledger.height + 3, "follows");
        const [view] = (await street.gateway("dep1").agent.intervals(height(later.height))) ?? [];
        assert.is(view?.members.find((member) => member.name === "dep3")?.missing, false, "still metered");
        street.cutPower("dep3");
        await street.clock.advance(40);
        await street.restart("dep3");
        assert.is(
          (await street.gateway("dep3").agent.status()).observesCode,
          "KEY_CLONED",
          "also after a restart",
        );
      }),
  );
}

guard("takes no alarm at its own votes that come back, now or after a restart", () =>
  withStreet({ gateways: 4 }, async (street) => {
    const witness = new HubWitness(street);
    await street.pass(3, ENERGIES);
    witness.playTo("dep3");
    await street.clock.advance(50);
    street.cutPower("dep3");
    await street.clock.advance(40);
    await street.restart("dep3");
    witness.playTo("dep3");
    await street.pass(2, ENERGIES);
    assert.is((await street.gateway("dep3").agent.status()).participation, "voter");
  }),
);

guard("takes no alarm at a vote that only claims to be its own", () =>
  withStreet({ gateways: 4 }, async (street) => {
    await street.pass(3, ENERGIES);
    const { roster, voters } = street.context;
    const { ledger } = await street.gateway("dep3").agent.status();
    const place = { height: height(ledger.height + 1), round: round(0), blockHash: hashOf(Uint8Array.of(1)) };
    const message = {
      kind: "prepare",
      ...place,
      voter: idOf("dep3"),
      signature: new Uint8Array(64).fill(1),
    } as const;
    const bytes = encodeVoteMessage(message, roster.chainId, voters.voters);
    assert.is(readWire("votes", bytes, roster.chainId, () => voters.voters).kind, "accept");
    street.hub.send({ from: "dep1", to: "dep3", channel: "votes", bytes });
    await street.clock.advance(5);
    assert.is((await street.gateway("dep3").agent.status()).participation, "voter");
    assert.is(await street.refused("dep3", "BAD_SIGNATURE"), 1);
  }),
);

const amnesia = suite("amnesia");

/** Restarts a gateway after something happened to its disks. */
async function afterLoss(
  lose: (street: MemoryStreet) => void,
  check: (street: MemoryStreet) => Promise<void>,
) {
  await withStreet({ gateways: 4 }, async (street) => {
    await street.pass(4, ENERGIES);
    street.cutPower("dep2");
    await street.clock.advance(40);
    lose(street);
    await street.restart("dep2");
    await check(street);
  });
}

const loseJournal = (street: MemoryStreet) => {
  Object.assign(street.gateway("dep2").voteDisk, {
    starts: 0,
    votes: [],
    abstention: null,
    returnedAt: null,
  });
};

amnesia(
  "S1: a gateway without its vote journal does not vote before the ledger lets it, also after the next start",
  () =>
    afterLoss(loseJournal, async (street) => {
      const witness = new HubWitness(street);
      await street.clock.advance(40);
      const { participation, observesCode, observesBecause } = await street.gateway("dep2").agent.status();
      assert.equal([participation, observesCode], ["observer", "AMNESIA"]);
      assert.match(observesBecause ?? "", /^amnesia: no vote journal/);
      assert.equal(votesAbove(witness, "dep2", 0), []);
      const abstained = street.gateway("dep2").log.events.find(({ event }) => event === "voting.abstained");
      assert.is(abstained?.fields.code, "AMNESIA");
      street.cutPower("dep2");
      await street.clock.advance(40);
      await street.restart("dep2");
      assert.is((await street.gateway("dep2").agent.status()).observesCode, "AMNESIA");
      await street.pass(4, ENERGIES);
      const returnedAt = street.gateway("dep2").voteDisk.returnedAt ?? assert.unreachable("never returned");
      const { ledger } = await street.gateway("dep2").agent.status();
      assert.ok(ledger.height > Number(returnedAt), "follows");
      const voted = votesAbove(witness, "dep2", 0);
      assert.equal(voted, votesAbove(witness, "dep2", Number(returnedAt)), "nothing at or below that block");
    }),
);

amnesia("S1: a gateway with a damaged vote journal does not vote", () =>
  afterLoss(
    (street) => {
      street.gateway("dep2").voteDisk.damage = "record damaged";
    },
    async (street) => {
      const { observesCode, observesBecause } = await street.gateway("dep2").agent.status();
      assert.is(observesCode, "AMNESIA");
      assert.match(observesBecause ?? "", /record damaged/);
    },
  ),
);

amnesia(
  "S1: a gateway that lost outbox and journal does not vote, and has not forgotten it at the next start",
  () =>
    afterLoss(
      (street) => {
        loseJournal(street);
        const { outboxDisk } = street.gateway("dep2");
        Object.assign(outboxDisk, { boot: 0, nextSequence: 1, lastRelease: null });
        outboxDisk.pending.clear();
      },
      async (street) => {
        assert.is((await street.gateway("dep2").agent.status()).observesCode, "AMNESIA");
        street.cutPower("dep2");
        await street.clock.advance(40);
        await street.restart("dep2");
        assert.is((await street.gateway("dep2").agent.status()).observesCode, "AMNESIA");
      },
    ),
);

voting.run();
guard.run();
amnesia.run();
