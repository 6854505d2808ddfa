/** Bad input from the wire: each kind is refused, counted and logged with its code, and the street goes on. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { candidates } from "../../../agent/core/consensus/candidates.ts";
import { type Message, signBytesOf, type UnsignedMessage } from "../../../agent/core/consensus/message.ts";
import { hashOf, ZERO_HASH } from "../../../agent/core/hash.ts";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { genesisState, seatingOf } from "../../../agent/core/ledger/state/context.ts";
import { type MemberId, memberIdOf } from "../../../agent/core/membership/address.ts";
import {
  type Measured,
  type Reading,
  readingSignBytes,
  type SignedReading,
} from "../../../agent/core/metering/reading.ts";
import { publicKeyOf, signMessage } from "../../../agent/core/signature.ts";
import { height, intervalIndex, round, wh } from "../../../agent/core/units.ts";
import { encodeReadingMessage, encodeVoteMessage } from "../../../agent/core/wire.ts";
import type { Channel } from "../../../agent/ports/transport.ts";
import { lyingTransport } from "../../support/lyingDso.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;
const HONEST = ["dep1", "dep2", "dep3"] as const;

const wire = suite("bad input from the wire");

type Bad = {
  readonly what: string;
  readonly channel: Channel;
  readonly code: string;
  readonly bytes: (street: MemoryStreet) => Uint8Array;
};

const BAD_INPUTS: readonly Bad[] = [
  {
    what: "a reading of a key that is not enrolled",
    channel: "readings",
    code: "NOT_IN_ROSTER",
    bytes: (street) =>
      readingMessage(street, { member: memberIdOf(publicKeyOf(secretKeyOf("stranger"))) }, {}, "stranger"),
  },
  {
    what: "a reading of another microgrid",
    channel: "readings",
    code: "WRONG_MICROGRID",
    bytes: (street) => encodeReadingMessage(lastReading(street), hashOf(new Uint8Array())),
  },
  {
    what: "a reading that was altered after it was signed",
    channel: "readings",
    code: "BAD_SIGNATURE",
    bytes: (street) => {
      const { reading, signature } = lastReading(street);
      const altered = { ...reading, interval: intervalIndex(reading.interval + 1) };
      return encodeReadingMessage({ reading: altered, signature }, street.context.roster.chainId);
    },
  },
  {
    what: "a signed reading whose energies do not follow from its registers",
    channel: "readings",
    code: "READING_INCONSISTENT",
    bytes: (street) => readingMessage(street, {}, { generated: wh(5_000n), position: wh(4_900n) }),
  },
  {
    what: "a signed reading whose position is not E_G − E_C",
    channel: "readings",
    code: "READING_INCONSISTENT",
    bytes: (street) => readingMessage(street, {}, { position: wh(1n) }),
  },
  {
    what: "a signed reading without the enrolled meters",
    channel: "readings",
    code: "READING_METERS",
    bytes: (street) => readingMessage(street, {}, { meters: [] }),
  },
  {
    what: "a signed reading that was taken off the boundary",
    channel: "readings",
    code: "READING_OFF_BOUNDARY",
    bytes: (street) => readingMessage(street, {}, { endOffsetMs: 1_001 }),
  },
  {
    what: "a span of intervals that are not closed yet",
    channel: "readings",
    code: "READING_OPEN_INTERVAL",
    bytes: (street) => spanMessage(street, 1, 1),
  },
  {
    what: "a span over intervals that are settled",
    channel: "readings",
    code: "READING_SETTLED",
    bytes: (street) => spanMessage(street, -1, 0),
  },
  {
    what: "a span that ends before it begins",
    channel: "readings",
    code: "READING_INCONSISTENT",
    bytes: (street) => spanMessage(street, 0, -1),
  },
  {
    what: "a reading of an interval that is settled",
    channel: "readings",
    code: "READING_SETTLED",
    bytes: (street) => readingMessage(street, { interval: lastReading(street).reading.interval }, {}),
  },
  {
    what: "a reading of the far future",
    channel: "readings",
    code: "READING_EARLY",
    bytes: (street) =>
      readingMessage(street, { interval: intervalIndex(lastReading(street).reading.interval + 50) }, {}),
  },
  {
    what: "garbage among the readings",
    channel: "readings",
    code: "NOT_CBOR",
    bytes: () => Uint8Array.of(0xff, 1, 2),
  },
  {
    what: "garbage among the votes",
    channel: "votes",
    code: "NOT_CBOR",
    bytes: () => Uint8Array.of(0xff, 1, 2),
  },
  {
    what: "an encoding that is not the canonical one",
    channel: "readings",
    code: "NOT_CANONICAL",
    // {"b": 1, "a": 2}: keys out of order, which the library accepts. @source RFC 8949 §4.2.1
    bytes: () => Uint8Array.from([0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x02]),
  },
  { what: "well-formed nonsense", channel: "votes", code: "BAD_SHAPE", bytes: () => Uint8Array.of(0x80) },
  {
    what: "an oversized reading",
    channel: "readings",
    code: "MESSAGE_TOO_LONG",
    bytes: () => new Uint8Array(4_096),
  },
  {
    what: "a proposal of someone who is not in office",
    channel: "votes",
    code: "NOT_IN_OFFICE",
    bytes: (street) => proposalMessage(street, bodyOfHead(street)),
  },
  {
    what: "a proposal whose body is not the one that was signed for",
    channel: "votes",
    code: "PROPOSAL_BODY_OTHER",
    bytes: (street) => proposalMessage(street, bodyOfHead(street), hashOf(new Uint8Array())),
  },
  {
    what: "a vote with a forged signature",
    channel: "votes",
    code: "BAD_SIGNATURE",
    bytes: (street) => voteMessage(street, prepareOf(street, "dep1"), "stranger"),
  },
  {
    what: "a vote for a height far ahead",
    channel: "votes",
    code: "VOTE_TOO_FAR",
    bytes: (street) => voteMessage(street, { ...prepareOf(street, "dep4"), height: height(99) }, "dep4"),
  },
];

for (const { what, channel, code, bytes } of BAD_INPUTS) {
  wire(`${what} is refused as ${code}`, async () => {
    const street = await streetWithRogue();
    const already = await street.refused("dep1", code);
    street.hub.send({ from: "dep4", to: "dep1", channel, bytes: bytes(street) });
    await street.clock.advance(10);
    assert.ok((await street.refused("dep1", code)) > already, `${code} is counted`);
    assert.ok(
      street
        .gateway("dep1")
        .log.events.some(({ event, fields }) => event === "input.refused" && fields.code === code),
      `${code} is logged`,
    );
    await assertGoesOn(street);
  });
}

wire("two different readings of one member for one interval are both left out", async () => {
  const street = await streetWithRogue();
  const interval = intervalIndex(lastReading(street).reading.interval + 1);
  for (const generated of [100n, 200n]) {
    const bytes = readingMessage(street, { interval }, measuredOf(100n, generated), "dep4", 10);
    for (const to of HONEST) street.hub.send({ from: "dep4", to, channel: "readings", bytes });
    await street.clock.advance(1_600);
  }
  await street.pass(2, ENERGIES);
  const settled = await settledIntervals(street);
  const dep4 = settled.get(interval)?.find((member) => member.name === "dep4");
  assert.is(dep4?.missing, true);
  await assertGoesOn(street);
});

wire("a DSO whose block has one altered trade is refused and recalled by everyone", async () => {
  let lies = 0;
  const liar = firstDso();
  const street = new MemoryStreet({
    gateways: 4,
    wrapTransport: (name, transport, built) =>
      name === liar
        ? lyingTransport(
            transport,
            () => ({ context: built.context, secretKey: secretKeyOf(liar) }),
            () => (lies += 1),
          )
        : transport,
  });
  await street.start();
  await street.pass(5, ENERGIES);
  assert.ok(lies > 0, "the DSO lied");
  const honest = street.gateways.map(({ name }) => name).filter((name) => name !== liar);
  for (const name of honest) {
    const { office, ledger } = await street.gateway(name).agent.status();
    assert.is(ledger.height, 3);
    assert.is.not(office?.dsoName, liar);
    assert.ok((await street.refused(name, "RECOMPUTED_OTHERWISE")) > 0, name);
    const recalled = street.gateway(name).log.events.find(({ event }) => event === "dso.recalled");
    assert.is(recalled?.fields.reason, "invalid-proposal");
  }
  await street.stop();
});

wire.run();

/** Four gateways of which dep4's place on the network is taken by the test. */
async function streetWithRogue(): Promise<MemoryStreet> {
  const street = new MemoryStreet({ gateways: 4 });
  await street.start();
  await street.pass(4, ENERGIES);
  await street.clock.advance(1_000);
  await street.gateway("dep4").agent.stop();
  const rogue = street.hub.join({ peerId: "dep4", roster: HONEST, onFault: () => {} });
  await rogue.start(() => ({ kind: "ignore", code: "ROGUE" }));
  return street;
}

async function assertGoesOn(street: MemoryStreet): Promise<void> {
  const before = (await street.gateway("dep1").agent.status()).ledger.height;
  await street.pass(2, ENERGIES);
  const statuses = await Promise.all(HONEST.map((name) => street.gateway(name).agent.status()));
  assert.is(new Set(statuses.map(({ ledger }) => ledger.head)).size, 1, "one head");
  assert.ok((statuses[0]?.ledger.height ?? 0) >= before + 1, "the street goes on");
  for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  for (const name of HONEST) await street.gateway(name).agent.stop();
}

async function settledIntervals(street: MemoryStreet) {
  const { ledger } = await street.gateway("dep1").agent.status();
  const heights = Array.from({ length: ledger.height }, (_, index) => height(index + 1));
  const views = await Promise.all(heights.map((at) => street.gateway("dep1").agent.intervals(at)));
  return new Map(views.flatMap((view) => view ?? []).map((view) => [view.interval, view.members]));
}

function firstDso(): string {
  const { context } = new MemoryStreet({ gateways: 4 });
  const [first] = candidates(seatingOf(context, genesisState(context)));
  return context.roster.byId.get(first as MemberId)?.name ?? "";
}

/** dep4's reading in the head block of dep1. */
function lastReading(street: MemoryStreet): SignedReading {
  const block = readBlock(street.gateway("dep1").storeDisk.blocks.at(-1)?.block ?? new Uint8Array());
  const dep4 = memberIdOf(publicKeyOf(secretKeyOf("dep4")));
  const readings = block.kind === "accept" ? (block.value.body.intervals.at(-1)?.readings ?? []) : [];
  const found = readings.find(({ reading }) => reading.member === dep4);
  assert.ok(found, "dep4 has a reading in the head block");
  return found as SignedReading;
}

/** Registers and energies that belong together, from a register value that dep4's meters never had. */
function measuredOf(consumed: bigint, generated: bigint): Measured {
  return {
    kind: "measured",
    startOffsetMs: 0,
    endOffsetMs: 0,
    meters: [
      { meter: 0, start: [wh(1_000_400n)], end: [wh(1_000_400n + generated)], resolutionMilliWh: 63 },
      { meter: 1, start: [wh(1_000_400n)], end: [wh(1_000_400n + consumed)], resolutionMilliWh: 63 },
    ],
    carryIn: wh(0n),
    generated: wh(generated),
    consumed: wh(consumed),
    position: wh(generated - consumed),
    framesHash: hashOf(new Uint8Array()),
  };
}

function readingMessage(
  street: MemoryStreet,
  changes: Partial<Reading>,
  content: Partial<Measured>,
  signer = "dep4",
  ahead = 1,
): Uint8Array {
  const last = lastReading(street).reading;
  const reading: Reading = {
    ...last,
    interval: intervalIndex(last.interval + 1),
    sequence: last.sequence + ahead,
    content: { ...measuredOf(100n, 100n), ...content },
    ...changes,
  };
  return signedMessage(street, reading, signer);
}

function signedMessage(street: MemoryStreet, reading: Reading, signer = "dep4"): Uint8Array {
  const { chainId, epoch } = street.context.roster;
  const signature = signMessage(secretKeyOf(signer), readingSignBytes(reading, chainId, epoch));
  return encodeReadingMessage({ reading, signature }, chainId);
}

/** @returns a span of dep4 from one interval to another, counted from the last settled one */
function spanMessage(street: MemoryStreet, fromSteps: number, toSteps: number): Uint8Array {
  const last = lastReading(street).reading;
  const { meters } = measuredOf(0n, 0n);
  const from = intervalIndex(last.interval + fromSteps);
  const content = { kind: "spanning", from, meters } as const;
  return signedMessage(street, { ...last, interval: intervalIndex(last.interval + toSteps), content });
}

function bodyOfHead(street: MemoryStreet) {
  const head = street.gateway("dep1").storeDisk.blocks.at(-1);
  return { blockHash: head?.blockHash ?? hashOf(new Uint8Array()), body: head?.block ?? new Uint8Array() };
}

function proposalMessage(
  street: MemoryStreet,
  { blockHash, body }: ReturnType<typeof bodyOfHead>,
  claimedHash = blockHash,
): Uint8Array {
  const proposer = notInOffice(street);
  const unsigned = {
    kind: "proposal" as const,
    height: height((street.gateway("dep1").storeDisk.blocks.at(-1)?.height ?? 0) + 1),
    round: round(0),
    blockHash: claimedHash,
    proposer: memberIdOf(publicKeyOf(secretKeyOf(proposer))),
    body,
    justification: null,
  };
  return voteMessage(street, unsigned, proposer);
}

/** @returns a gateway that is not DSO of the height in progress */
function notInOffice(street: MemoryStreet): string {
  const block = readBlock(street.gateway("dep1").storeDisk.blocks.at(-1)?.block ?? new Uint8Array());
  const dso = block.kind === "accept" ? street.context.roster.byId.get(block.value.header.dso)?.name : "";
  return dso === "dep4" ? "dep3" : "dep4";
}

function prepareOf(street: MemoryStreet, voter: string): UnsignedMessage & { readonly kind: "prepare" } {
  return {
    kind: "prepare",
    height: height((street.gateway("dep1").storeDisk.blocks.at(-1)?.height ?? 0) + 1),
    round: round(0),
    blockHash: ZERO_HASH,
    voter: memberIdOf(publicKeyOf(secretKeyOf(voter))),
  };
}

function voteMessage(street: MemoryStreet, unsigned: UnsignedMessage, signer: string): Uint8Array {
  const { roster, voters } = street.context;
  const signature = signMessage(secretKeyOf(signer), signBytesOf(unsigned, roster.chainId, roster.epoch));
  return encodeVoteMessage({ ...unsigned, signature } as Message, roster.chainId, voters.voters);
}
