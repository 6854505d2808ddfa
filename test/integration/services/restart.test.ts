/** Gateways that lose their power at every step of a vote, start again on their disks, and vote on. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeCommitCertificate } from "../../../agent/core/consensus/certificateCodec.ts";
import type { Message } from "../../../agent/core/consensus/message.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { height } from "../../../agent/core/units.ts";
import { readWire } from "../../../agent/core/wire.ts";
import { HubWitness, signersOf } from "../../support/hubWitness.ts";
import { INTERVAL_MS, MemoryStreet, type StreetOptions, secretKeyOf } from "../../support/memoryStreet.ts";
import { wrappedTransport } from "../../support/wrappedTransport.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;
const NAMES = ["dep1", "dep2", "dep3", "dep4"] as const;
const HEIGHT = 3;

type Kind = Message["kind"];
/** Where the power goes: before the vote is on the disk, before it is published, right after. */
type Moment = "unwritten" | "unpublished" | "published";
type Cut = { readonly kind: Kind; readonly moment: Moment; readonly round?: number };

const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));

/** Cuts the power of gateways at votes of height 3, each once. */
function cutting(cuts: ReadonlyMap<string, Cut>): {
  options: StreetOptions;
  cutOff: Set<string>;
} {
  const cutOff = new Set<string>();
  const isDue = (name: string, moment: Moment, { kind, height, round }: Message): boolean => {
    const cut = cuts.get(name);
    if (cut === undefined || cutOff.has(name) || height !== HEIGHT) return false;
    return cut.moment === moment && cut.kind === kind && (cut.round ?? round) === round;
  };
  const cutAt = (street: MemoryStreet, name: string) => {
    cutOff.add(name);
    street.cutPower(name);
  };
  const options: StreetOptions = {
    gateways: 4,
    wrapJournal: (name, journal, street) => ({
      ...journal,
      append: async (vote, electors) => {
        if (isDue(name, "unwritten", vote.message)) return cutAt(street, name);
        await journal.append(vote, electors);
        if (isDue(name, "unpublished", vote.message)) cutAt(street, name);
      },
    }),
    wrapTransport: (name, transport, street) =>
      wrappedTransport(transport, {
        publish: async (channel, bytes) => {
          const sent = await transport.publish(channel, bytes);
          const { roster, voters } = street.context;
          const read =
            channel === "votes" ? readWire(channel, bytes, roster.chainId, () => voters.voters) : null;
          if (
            read?.kind === "accept" &&
            read.value.kind === "vote" &&
            isDue(name, "published", read.value.message)
          )
            cutAt(street, name);
          return sent;
        },
      }),
  };
  return { options, cutOff };
}

async function withStreet(
  options: StreetOptions,
  run: (street: MemoryStreet, witness: HubWitness) => Promise<void>,
): Promise<void> {
  const street = new MemoryStreet(options);
  const witness = new HubWitness(street);
  await street.start();
  try {
    await run(street, witness);
    assert.equal(witness.contradictions, [], "two different votes for one place");
    for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  } finally {
    await street.stop();
  }
  assert.is(street.clock.pendingCount(), 0, "a stopped agent leaves no timer");
}

/** Lets time pass in small steps until the power of all these is gone. */
async function untilCut(street: MemoryStreet, cutOff: ReadonlySet<string>, count: number): Promise<void> {
  for (let step = 0; step < 4_000 && cutOff.size < count; step += 1) await street.clock.advance(5);
  assert.is(cutOff.size, count, `only ${[...cutOff].join()} were cut`);
}

async function assertAlike(street: MemoryStreet, atLeast: number): Promise<void> {
  const statuses = await Promise.all(street.gateways.map(({ agent }) => agent.status()));
  const heads = new Set(statuses.map(({ ledger }) => `${ledger.height} ${ledger.head}`));
  assert.is(heads.size, 1, [...heads].join(" | "));
  assert.ok((statuses[0]?.ledger.height ?? 0) >= atLeast, [...heads].join());
  for (const { name, participation, observesBecause } of statuses)
    assert.is(participation, "voter", `${name}: ${observesBecause}`);
}

/** Switches another gateway off for good: a quorum of the others needs the vote of this one. */
async function assertCounted(street: MemoryStreet, name: string): Promise<void> {
  const off = NAMES.find((one) => one !== name) ?? "";
  const before = (await street.gateway(name).agent.status()).ledger.height;
  street.cutPower(off);
  await street.pass(4, ENERGIES);
  const after = (await street.gateway(name).agent.status()).ledger.height;
  assert.ok(after >= before + 2, `${before} → ${after}`);
  assert.ok(signersOf(street, name, after).includes(idOf(name)), "counted in a later certificate");
  assert.not.ok(signersOf(street, name, after).includes(idOf(off)));
}

const restart = suite("a gateway that restarts in the middle of a height");

const single: readonly Cut[] = (["proposal", "prepare", "commit", "round-change"] as const).flatMap((kind) =>
  (["unwritten", "unpublished", "published"] as const).map((moment): Cut => ({ kind, moment })),
);
for (const cut of single) {
  restart(`S1, S2: contradicts nothing and votes on when its ${cut.kind} was ${cut.moment}`, async () => {
    const cuts = new Map<string, Cut>();
    const { options, cutOff } = cutting(cuts);
    await withStreet(options, async (street, witness) => {
      await street.pass(3, ENERGIES);
      await street.clock.advance(1_000);
      const { office, ledger } = await street.gateway("dep1").agent.status();
      assert.is(ledger.height, HEIGHT - 1);
      const dso = office?.dsoName ?? "";
      const replica = NAMES.find((name) => name !== dso) ?? "";
      const name = cut.kind === "proposal" ? dso : replica;
      // Without its DSO the round fails, and everybody has a ROUND_CHANGE to send.
      if (cut.kind === "round-change")
        street.hub.partition(
          NAMES.filter((one) => one !== dso),
          [dso],
        );
      cuts.set(name, cut);
      await untilCut(street, cutOff, 1);
      street.hub.heal();
      await street.clock.advance(40);
      await street.restart(name);
      witness.playTo(name);
      if (cut.kind === "round-change") witness.playTo(dso);
      await street.pass(6, ENERGIES);
      await assertAlike(street, HEIGHT + 4);
      await assertCounted(street, name);
    });
  });
}

restart("S1: the vote it had stored counts, byte for byte, though it never left before", async () => {
  const cuts = new Map<string, Cut>([["dep3", { kind: "commit", moment: "unpublished" }]]);
  const { options, cutOff } = cutting(cuts);
  await withStreet(options, async (street) => {
    await street.pass(2, ENERGIES);
    const { office } = await street.gateway("dep3").agent.status();
    // Without one other, the street cannot go on without the COMMIT that was not sent.
    const away = NAMES.find((name) => name !== "dep3" && name !== office?.dsoName) ?? "";
    street.hub.partition(
      NAMES.filter((name) => name !== away),
      [away],
    );
    await street.pass(1, ENERGIES);
    await untilCut(street, cutOff, 1);
    await street.clock.advance(40);
    const stored = street.gateway("dep3").voteDisk.votes.map(({ message }) => message);
    assert.equal(stored.map(({ kind }) => kind).slice(-2), ["prepare", "commit"]);
    await street.restart("dep3");
    await street.clock.advance(INTERVAL_MS);
    const decided = street.gateway("dep2").storeDisk.blocks.find(({ height: at }) => at === HEIGHT);
    const certificate = decodeCommitCertificate(
      decided?.certificate ?? new Uint8Array(),
      height(HEIGHT),
      street.context.voters.voters,
    );
    const signers = certificate.kind === "accept" ? certificate.value.signers : [];
    const counted = signers.find(({ voter }) => voter === idOf("dep3"));
    assert.equal(counted?.signature, stored.at(-1)?.signature);
  });
});

restart("would be seen to contradict itself, had its disk forgotten the votes", async () => {
  const cuts = new Map<string, Cut>();
  const { options, cutOff } = cutting(cuts);
  const street = new MemoryStreet(options);
  const witness = new HubWitness(street);
  await street.start();
  await street.pass(3, ENERGIES);
  const { office } = await street.gateway("dep1").agent.status();
  const dso = office?.dsoName ?? "";
  cuts.set(dso, { kind: "proposal", moment: "published" });
  await untilCut(street, cutOff, 1);
  await street.clock.advance(40);
  street.gateway(dso).voteDisk.votes = [];
  await street.restart(dso);
  await street.pass(1, ENERGIES);
  await street.stop();
  assert.equal(witness.contradictions, [`${idOf(dso)} ${HEIGHT} 0 proposal`]);
});

const together = suite("a street that loses its power as a whole");

/** Four gateways, each at a place of its own. */
const blackouts: readonly (readonly [string, readonly Cut[]])[] = [
  ["before anything is published", NAMES.map((): Cut => ({ kind: "prepare", moment: "unpublished" }))],
  [
    "between PREPARE and COMMIT",
    [
      { kind: "prepare", moment: "published" },
      { kind: "commit", moment: "unwritten" },
      { kind: "commit", moment: "unpublished" },
      { kind: "commit", moment: "unpublished" },
    ],
  ],
  [
    "with every COMMIT on disk and none published",
    NAMES.map((): Cut => ({ kind: "commit", moment: "unpublished" })),
  ],
  [
    "with half of the COMMITs published",
    [
      { kind: "commit", moment: "published" },
      { kind: "commit", moment: "unpublished" },
      { kind: "commit", moment: "published" },
      { kind: "commit", moment: "unwritten" },
    ],
  ],
];
for (const [name, cutList] of blackouts) {
  together(`S1, S2, S4: ${name}, decides that height from the votes on its disks`, async () => {
    const cuts = new Map(NAMES.map((one, index): [string, Cut] => [one, cutList[index] as Cut]));
    const { options, cutOff } = cutting(cuts);
    await withStreet(options, async (street, witness) => {
      await street.pass(3, ENERGIES);
      await untilCut(street, cutOff, 4);
      const prepared = new Set(
        street.gateways.flatMap(({ voteDisk }) =>
          voteDisk.votes.flatMap(({ message }) => (message.kind === "commit" ? [message.blockHash] : [])),
        ),
      );
      await street.clock.advance(40);
      for (const one of NAMES) await street.restart(one);
      await street.pass(5, ENERGIES);
      await assertAlike(street, HEIGHT + 3);
      const decided = street.gateway("dep1").storeDisk.blocks[HEIGHT - 1]?.blockHash;
      if (cutList.every(({ kind, moment }) => kind === "commit" && moment === "unpublished"))
        assert.equal([...prepared], [decided], "what a quorum had committed to is what is decided");
      assert.ok(witness.votes.length > 0);
      await assertCounted(street, "dep2");
    });
  });
}

restart.run();
together.run();
