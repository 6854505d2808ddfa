/** A gateway of the roster that only listens: notes every vote and reading on the wire, and what each API tells. */
import { join } from "node:path";
import { agentClient } from "../../agent/adapters/http/client.ts";
import { loadKeys } from "../../agent/adapters/signer/keyFiles.ts";
import { createTransport, type Libp2pTransport } from "../../agent/adapters/transport/libp2pTransport.ts";
import { pause } from "../../agent/cli/demoFollow.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import { accept, type Verdict } from "../../agent/core/verdict.ts";
import { readWire, type WireMessage } from "../../agent/core/wire.ts";
import type { Received } from "../../agent/ports/transport.ts";
import { eventLog } from "../support/eventLog.ts";
import { liveClock } from "../support/liveClock.ts";
import { type Acknowledged, seenReading, seenTransaction, seenVote, type Told } from "./acknowledged.ts";
import type { PowercutStreet, Seat } from "./powercutStreet.ts";

/** Pause in ms before a stream that ended is opened again. */
const RECONNECT_MS = 100;

/** The seat's keys; read once, so that nothing of the onlooker is on the disk that is cut. */
export type OnlookerKeys = { readonly transport: Uint8Array };

/** @param seat of the roster @returns its keys */
export async function onlookerKeys(seat: Seat): Promise<OnlookerKeys> {
  return { transport: (await loadKeys(join(seat.place.directory, "keys"))).transport };
}

/** Owns one transport and a stream of commits per gateway. */
export class Onlooker {
  readonly #street: PowercutStreet;
  readonly #told: Acknowledged;
  readonly #aborter = new AbortController();
  readonly #transport: Libp2pTransport;

  /** @param street watched @param keys of its seat @param told where to note */
  constructor(street: PowercutStreet, keys: OnlookerKeys, told: Acknowledged) {
    this.#street = street;
    this.#told = told;
    const { roster } = street.context;
    this.#transport = createTransport({
      secretKey: keys.transport,
      listen: [`/ip4/127.0.0.1/tcp/${street.onlooker.place.port}`],
      roster: roster.members
        .filter(({ id }) => id !== street.onlooker.member)
        .map(({ peerId, addresses }) => ({ peerId, addresses })),
      topicPrefix: `edso/1/${roster.chainId}`,
      logger: eventLog(),
      clock: liveClock,
      onFault: (error) => {
        throw error;
      },
    });
  }

  /** Begins to listen. */
  async start(): Promise<void> {
    await this.#transport.start((received) => this.#judge(received));
    for (const seat of this.#street.gateways) void this.#follow(seat);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#aborter.abort();
    await this.#transport.stop();
  }

  /** Everything is taken and passed on; whether it may be is the gateways' to judge. */
  #judge({ channel, bytes }: Received): Verdict<unknown> {
    const { roster, voters } = this.#street.context;
    const read = readWire(channel, bytes, roster.chainId, () => voters.voters);
    if (read.kind !== "accept") return read;
    this.#told.note(toldBy(read.value, bytes));
    return accept(null);
  }

  async #follow({ place, member }: Seat): Promise<void> {
    const { signal } = this.#aborter;
    const client = agentClient(place.socketPath);
    while (!signal.aborted) {
      try {
        const after = heightOf(this.#told.heightOf(member));
        for await (const { height, blockHash } of client.commits({ after, signal }))
          this.#told.note({ kind: "block", member, height, blockHash });
      } catch {
        // It is down or has not come up yet.
      }
      await pause(RECONNECT_MS, signal);
    }
  }
}

function toldBy(message: WireMessage, bytes: Uint8Array): Told {
  switch (message.kind) {
    case "vote":
      return seenVote(message.message, bytes);
    case "reading":
      return seenReading(message.signed);
    case "transaction":
      return seenTransaction(message.signed);
    default:
      return message satisfies never;
  }
}
