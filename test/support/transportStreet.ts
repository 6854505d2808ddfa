/** A street of transports for the contract suite, once over libp2p and once in memory. */
import { createTransport, type Libp2pTransport } from "../../agent/adapters/transport/libp2pTransport.ts";
import { peerIdOf } from "../../agent/adapters/transport/peerId.ts";
import type { Transport } from "../../agent/ports/transport.ts";
import { eventLog } from "./eventLog.ts";
import { FakeClock } from "./fakeClock.ts";
import { freePorts } from "./freePorts.ts";
import { liveClock } from "./liveClock.ts";
import { MemoryHub } from "./memoryTransport.ts";
import { until } from "./until.ts";

/** Who lives in a street. */
export type StreetPlan = {
  /** Gateways that have one another in their roster. */
  readonly gateways: readonly string[];
  /** Pairs that can reach each other; every pair when left out. */
  readonly links?: readonly (readonly [string, string])[];
  /** Gateways that have the street in their roster, but are in nobody's. */
  readonly strangers?: readonly string[];
};

/** One gateway of a street. */
export type StreetGateway<T extends Transport = Transport> = {
  readonly peerId: string;
  readonly transport: T;
  readonly faults: readonly unknown[];
  readonly log: ReturnType<typeof eventLog>;
  /** The address others dial; empty in memory. */
  readonly address: string;
  readonly secretKey: Uint8Array;
};

/** Transports that are not started, and how to wait for what they do. */
export type TransportStreet<T extends Transport = Transport> = {
  readonly gateway: (name: string) => StreetGateway<T>;
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
  /** Stops every transport. */
  readonly close: () => Promise<void>;
};

/**
 * @param plan who lives in the street
 * @returns the street over libp2p on 127.0.0.1; PeerIds ascend in the order of the names, so the first named dials
 */
export async function openLibp2pStreet(plan: StreetPlan): Promise<TransportStreet<Libp2pTransport>> {
  const names = [...plan.gateways, ...(plan.strangers ?? [])];
  const ports = await freePorts(names.length);
  const keys = names
    .map((_, index) => ({ secretKey: seedOf(index), peerId: peerIdOf(seedOf(index)) }))
    .sort((left, right) => (left.peerId < right.peerId ? -1 : 1));
  const seats = keys.map((key, index) => ({
    ...key,
    name: names[index] ?? "",
    address: `/ip4/127.0.0.1/tcp/${ports[index]}`,
  }));
  const gateways = new Map(
    seats.map((seat) => {
      const faults: unknown[] = [];
      const log = eventLog();
      const transport = createTransport({
        secretKey: seat.secretKey,
        listen: [seat.address],
        roster: seats
          .filter((other) => plan.gateways.includes(other.name) && other !== seat)
          .map(({ name, peerId, address }) => ({
            peerId,
            addresses: isLinked(plan, seat.name, name) ? [address] : [],
          })),
        topicPrefix: "edso/1/test",
        logger: log,
        clock: liveClock,
        onFault: (error) => faults.push(error),
      });
      return [seat.name, { ...seat, transport, faults, log }] as const;
    }),
  );
  return {
    gateway: (name) => found(gateways, name),
    until,
    close: async () => {
      await Promise.all([...gateways.values()].map(({ transport }) => transport.stop()));
    },
  };
}

/** @param plan who lives in the street @returns the street in memory, on a fake clock that `until` moves */
export async function openMemoryStreet(plan: StreetPlan): Promise<TransportStreet> {
  const clock = new FakeClock();
  const hub = new MemoryHub(clock);
  const names = [...plan.gateways, ...(plan.strangers ?? [])];
  const gateways = new Map(
    names.map((name) => {
      const faults: unknown[] = [];
      const roster = plan.gateways.filter((other) => other !== name);
      const transport = hub.join({ peerId: name, roster, onFault: (error) => faults.push(error) });
      const seat = { peerId: name, address: "", secretKey: new Uint8Array(32), log: eventLog() };
      return [name, { ...seat, transport, faults }] as const;
    }),
  );
  for (const [left, right] of pairsOf(names)) if (!isLinked(plan, left, right)) hub.cut(left, right);
  return {
    gateway: (name) => found(gateways, name),
    until: async (what, holds) => {
      for (let step = 0; !holds(); step += 1) {
        if (step > 1_000) throw new Error(`after ${step} steps still not so: ${what}`);
        await clock.advance(1);
      }
    },
    close: async () => {
      await Promise.all([...gateways.values()].map(({ transport }) => transport.stop()));
    },
  };
}

/** @param index 0 to 255 @returns a seed for an Ed25519 key, the same each time */
export function seedOf(index: number): Uint8Array {
  return new Uint8Array(32).fill(index + 1);
}

function isLinked(plan: StreetPlan, left: string, right: string): boolean {
  return (
    plan.links === undefined ||
    plan.links.some((link) => link.includes(left) && link.includes(right)) ||
    (plan.strangers ?? []).includes(left)
  );
}

function pairsOf(names: readonly string[]): readonly (readonly [string, string])[] {
  return names.flatMap((left, index) => names.slice(index + 1).map((right) => [left, right] as const));
}

function found<T>(gateways: ReadonlyMap<string, T>, name: string): T {
  const gateway = gateways.get(name);
  if (gateway === undefined) throw new Error(`no gateway ${name} in this street`);
  return gateway;
}
