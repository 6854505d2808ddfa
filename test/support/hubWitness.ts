/** A witness of everything the gateways of a street publish: notes votes that contradict each other, plays all again. */
import { decodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { digestOf, type Message, senderOf } from "../../agent/core/consensus/message.ts";
import { height } from "../../agent/core/units.ts";
import { readWire } from "../../agent/core/wire.ts";
import type { MemoryStreet } from "./memoryStreet.ts";
import type { Hop } from "./memoryTransport.ts";

/** Sees each message once, in the order published. */
export class HubWitness {
  readonly #street: MemoryStreet;
  readonly #seen = new Map<string, Hop>();
  readonly #digests = new Map<string, string>();
  /** Every vote once. */
  readonly votes: Message[] = [];
  /** Places for which one gateway voted twice, differently. */
  readonly contradictions: string[] = [];

  constructor(street: MemoryStreet) {
    this.#street = street;
    street.hub.dropWhere((hop) => {
      this.#witness(hop);
      return false;
    });
  }

  /** Sends a gateway all that was ever published, as the neighbours' sync stream would what it lacks. */
  playTo(name: string): void {
    for (const hop of this.#seen.values()) {
      const neighbour = this.#street.gateways.find((gateway) => gateway.name !== name);
      if (neighbour !== undefined) this.#street.hub.send({ ...hop, from: neighbour.name, to: name });
    }
  }

  #witness(hop: Hop): void {
    const id = `${hop.channel} ${Buffer.from(hop.bytes).toString("base64")}`;
    if (this.#seen.has(id)) return;
    this.#seen.set(id, hop);
    if (hop.channel !== "votes") return;
    const { context } = this.#street;
    const read = readWire("votes", hop.bytes, context.roster.chainId, () => context.voters.voters);
    if (read.kind !== "accept" || read.value.kind !== "vote") throw new Error("no vote");
    const { message } = read.value;
    const place = `${senderOf(message)} ${message.height} ${message.round} ${message.kind}`;
    const first = this.#digests.get(place);
    if (first === undefined) this.votes.push(message);
    else if (first !== digestOf(message)) this.contradictions.push(place);
    this.#digests.set(place, first ?? digestOf(message));
  }
}

/** @returns the signers of the certificate that a gateway stored for a block */
export function signersOf(street: MemoryStreet, name: string, atHeight: number): readonly string[] {
  const stored = street.gateway(name).storeDisk.blocks[atHeight - 1];
  if (stored === undefined) throw new Error(`no block ${atHeight}`);
  const decoded = decodeCommitCertificate(stored.certificate, height(atHeight), street.context.voters.voters);
  return decoded.kind === "accept" ? decoded.value.signers.map(({ voter }) => voter) : [];
}
