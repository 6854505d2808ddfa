/** Who serves what is not so: refused by code, asked no more for a while, and others are asked instead. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCommitCertificate } from "../../../agent/core/consensus/certificateCodec.ts";
import { NO_ITEMS } from "../../../agent/core/consensus/item.ts";
import { signBytesOf } from "../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../agent/core/hash.ts";
import {
  type Block,
  blockHash,
  bodyRoot,
  encodeBlock,
  readBlock,
} from "../../../agent/core/ledger/blocks/block.ts";
import type { LedgerContext } from "../../../agent/core/ledger/state/context.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf, signMessage } from "../../../agent/core/signature.ts";
import { type Height, height, round, wh } from "../../../agent/core/units.ts";
import type { CertifiedBlock, SyncAnswer } from "../../../agent/core/wire/syncAnswer.ts";
import { encodeSyncRequest, readSyncRequest } from "../../../agent/core/wire/syncRequest.ts";
import { encodeVoteMessage } from "../../../agent/core/wire.ts";
import type { Transport } from "../../../agent/ports/transport.ts";
import { type Lie, lyingPeer } from "../../support/lyingPeer.ts";
import { INTERVAL_MS, MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;
const TOO_FAR = height(1_000_000);
/** How long whoever asks waits for an answer. */
const HELD_UP_MS = 10_000;

const liars = suite("a gateway that lies to one that is behind");

type StreetLie = (street: MemoryStreet, answer: SyncAnswer) => ReturnType<Lie>;
type Case = { readonly what: string; readonly code: string; readonly lie: StreetLie };

const CASES: readonly Case[] = [
  {
    what: "a block with an altered trade and its own, right certificate",
    code: "RECOMPUTED_OTHERWISE",
    lie: (_street, answer) =>
      withBlocks(answer, (certified) => ({ ...certified, block: altered(certified.block) })),
  },
  {
    what: "a right block with the certificate of another",
    code: "PARENT_CERTIFICATE_OTHER",
    lie: (_street, answer) =>
      withBlocks(answer, (certified, at) => ({
        block: certified.block,
        certificate: answer.blocks[at + 1]?.certificate ?? certified.certificate,
      })),
  },
  {
    what: "a right block without a certificate",
    code: "NOT_CBOR",
    lie: (_street, answer) => withBlocks(answer, ({ block }) => ({ block, certificate: new Uint8Array() })),
  },
  {
    what: "a right block with a certificate that one gateway signed alone",
    code: "TOO_FEW_VOTERS",
    lie: (street, answer) =>
      withBlocks(answer, ({ block }) => ({ block, certificate: signedAlone(street, block) })),
  },
  {
    what: "blocks that do not follow the head",
    code: "BLOCK_WRONG_HEIGHT",
    lie: (_street, answer) => ({ ...answer, blocks: answer.blocks.slice(1) }),
  },
  {
    what: "a height without a block to show for it",
    code: "SYNC_CLAIM_UNPROVEN",
    lie: (_street, answer) => ({ ...answer, head: TOO_FAR, blocks: [] }),
  },
  {
    what: "right blocks and a height beyond them that nobody has",
    code: "SYNC_CLAIM_UNPROVEN",
    lie: (_street, answer) => ({ ...answer, head: TOO_FAR }),
  },
  {
    what: "bytes that are no answer",
    code: "NOT_CBOR",
    lie: () => Uint8Array.of(0xff, 0, 0xff),
  },
  {
    what: "a body that nobody asked for",
    code: "SYNC_BODY_OTHER",
    lie: (_street, answer) => ({ ...answer, bodies: answer.blocks.map(({ block }) => block) }),
  },
  {
    what: "a vote that its voter did not sign",
    code: "SYNC_MESSAGE_REJECTED",
    lie: (street, answer) => ({ ...answer, votes: [forgedVote(street, height(answer.head + 1))] }),
  },
  {
    what: "garbage among the readings",
    code: "SYNC_MESSAGE_REJECTED",
    lie: (_street, answer) => ({ ...answer, readings: [Uint8Array.of(1, 2, 3)] }),
  },
  {
    what: "a head that is behind what it claimed before",
    code: "SYNC_HEAD_WENT_BACK",
    lie: (_street, answer) => ({ ...answer, head: height(0), blocks: [] }),
  },
];

for (const { what, code, lie } of CASES) {
  liars(`${what} is refused as ${code}, and the blocks come from others`, async () => {
    let isLying = false;
    const street = new MemoryStreet({
      gateways: 4,
      wrapTransport: (name, transport, built) =>
        name === "dep1"
          ? lyingPeer(
              transport,
              () => built.context,
              (answer) => (isLying ? lie(built, answer) : answer),
            )
          : transport,
    });
    await street.start();
    try {
      await street.pass(2, ENERGIES);
      street.hub.partition(["dep1", "dep2", "dep3"], ["dep4"]);
      await street.pass(4, ENERGIES);
      isLying = true;
      street.hub.heal();
      for (const honest of ["dep2", "dep3"]) street.hub.cut(honest, "dep4");
      await street.clock.advance(3_000);
      assert.ok((await street.refused("dep4", code)) >= 1, code);
      const avoided = street.gateway("dep4").log.events.find(({ event }) => event === "sync.peer-avoided");
      assert.equal(avoided?.fields.peer, "dep1");
      assertPrefix(street);
      street.hub.heal();
      await street.pass(2, ENERGIES);
      const statuses = await Promise.all(street.gateways.map(({ agent }) => agent.status()));
      assert.is(new Set(statuses.map(({ ledger }) => ledger.head)).size, 1);
      assert.is(statuses[3]?.sync.behindBy, 0);
      assertPrefix(street);
      for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
    } finally {
      await street.stop();
    }
  });
}

liars("a gateway that asks as if it were far ahead is asked once, and avoided", async () => {
  const street = new MemoryStreet({
    gateways: 4,
    wrapTransport: (name, transport, { context }) =>
      name === "dep1" ? boaster(transport, () => context) : transport,
  });
  await street.start();
  try {
    await street.pass(6, ENERGIES);
    for (const name of ["dep2", "dep3", "dep4"]) {
      assert.ok((await street.refused(name, "SYNC_HEAD_WENT_BACK")) >= 1, name);
      assert.is((await street.gateway(name).agent.status()).sync.behindBy, 0);
    }
    assert.ok(street.gateway("dep2").storeDisk.blocks.length >= 4);
  } finally {
    await street.stop();
  }
});

liars(
  "two that boast, and then let whoever asks them wait, do not keep a gateway from the others",
  async () => {
    const silent = new Set(["dep6", "dep7"]);
    const street = new MemoryStreet({
      gateways: 7,
      wrapTransport: (name, transport, { context }) =>
        silent.has(name) ? holder(boaster(transport, () => context)) : transport,
    });
    street.hub.dropWhere(({ from, to }) => from === "dep1" || to === "dep1");
    await street.start();
    try {
      const behind: number[] = [];
      for (let passed = 0; passed < 24; passed += 1) {
        await street.pass(1, ENERGIES);
        const [dep1 = 0, dep2 = 0] = ["dep1", "dep2"].map(
          (name) => street.gateway(name).storeDisk.blocks.length,
        );
        behind.push(dep2 - dep1);
      }
      const heldUp = Math.ceil((silent.size * HELD_UP_MS) / INTERVAL_MS) + 1;
      assert.ok(Math.max(...behind) <= heldUp, `at most ${heldUp} blocks behind, not ${behind.join(" ")}`);
    } finally {
      await street.stop();
    }
  },
);

/** Boasts to dep1 whenever it asks anybody, and never answers. */
function holder(transport: Transport): Transport {
  return {
    ...transport,
    serve: () => transport.serve(() => new Promise(() => {})),
    request: (peerId, bytes, limits) => {
      if (peerId !== "dep1") transport.request("dep1", bytes, limits).catch(() => {});
      return transport.request(peerId, bytes, limits);
    },
  };
}

function boaster(transport: Transport, context: () => LedgerContext): Transport {
  const honest = lyingPeer(transport, context, null);
  return {
    ...honest,
    request: (peerId, bytes, limits) => {
      const { roster } = context();
      const read = readSyncRequest(bytes, roster, height(0));
      if (read.kind !== "accept") throw new Error(read.code);
      return transport.request(peerId, encodeSyncRequest({ ...read.value, head: TOO_FAR }, roster), limits);
    },
  };
}

/** What dep4 has stored is what dep2 has stored, block for block. */
function assertPrefix(street: MemoryStreet): void {
  const hashesOf = (name: string) => street.gateway(name).storeDisk.blocks.map((block) => block.blockHash);
  const mine = hashesOf("dep4");
  assert.equal(mine, hashesOf("dep2").slice(0, mine.length));
}

function withBlocks(
  answer: SyncAnswer,
  change: (certified: CertifiedBlock, at: number) => CertifiedBlock,
): SyncAnswer {
  return { ...answer, blocks: answer.blocks.map(change) };
}

function parsed(block: Uint8Array): Block {
  const read = readBlock(block);
  if (read.kind !== "accept") throw new Error(read.code);
  return read.value;
}

function altered(block: Uint8Array): Uint8Array {
  const { header, body } = parsed(block);
  const intervals = body.intervals.map((interval) => ({
    ...interval,
    outcome: {
      ...interval.outcome,
      trades: interval.outcome.trades.map((trade) => ({ ...trade, wh: wh(trade.wh + 1n) })),
    },
  }));
  const lied = { ...body, intervals };
  return encodeBlock({ header: { ...header, bodyRoot: bodyRoot(lied) }, body: lied });
}

function signedAlone(street: MemoryStreet, block: Uint8Array): Uint8Array {
  const { header } = parsed(block);
  const voter = memberIdOf(publicKeyOf(secretKeyOf("dep1")));
  const vote = {
    kind: "commit",
    height: header.height,
    round: round(0),
    blockHash: blockHash(header),
    held: NO_ITEMS,
    voter,
  } as const;
  const { roster, voters } = street.context;
  const signature = signMessage(secretKeyOf("dep1"), signBytesOf(vote, roster.chainId, roster.epoch));
  const signers = [{ voter, signature, held: NO_ITEMS }];
  return encodeCommitCertificate({ ...vote, signers }, voters.voters);
}

/** A PREPARE of dep2, signed with dep1's key. */
function forgedVote(street: MemoryStreet, at: Height): Uint8Array {
  const vote = {
    kind: "prepare",
    height: at,
    round: round(0),
    blockHash: hashOf(new Uint8Array()),
    voter: memberIdOf(publicKeyOf(secretKeyOf("dep2"))),
  } as const;
  const { roster, voters } = street.context;
  const signature = signMessage(secretKeyOf("dep1"), signBytesOf(vote, roster.chainId, roster.epoch));
  return encodeVoteMessage({ ...vote, signature }, roster.chainId, voters.voters);
}

liars.run();
