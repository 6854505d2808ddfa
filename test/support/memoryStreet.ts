/**
 * A street of real agents in one process: real services and core, real signatures, on a clock that the test moves,
 * gossip in memory and disks in memory. The meters are counters that the test sets.
 */

import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { hashBytes, hashOf } from "../../agent/core/hash.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { ledgerContext } from "../../agent/core/ledger/state/context.ts";
import { CONTRACTS } from "../../agent/core/membership/contracts.ts";
import {
  type Enrolment,
  type EnrolmentBody,
  enrolmentSignBytes,
} from "../../agent/core/membership/enrolment.ts";
import { type Genesis, type GenesisBody, genesisSignBytes } from "../../agent/core/membership/genesis.ts";
import type { SignedPolicy } from "../../agent/core/membership/policy.ts";
import { intervalAt, laterInterval } from "../../agent/core/metering/interval.ts";
import { publicKeyOf, signMessage } from "../../agent/core/signature.ts";
import { type IntervalIndex, unixMs } from "../../agent/core/units.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import type { Signer } from "../../agent/ports/signer.ts";
import type { Transport } from "../../agent/ports/transport.ts";
import type { VoteJournal } from "../../agent/ports/voteJournal.ts";
import { Agent } from "../../agent/services/agent.ts";
import type { AgentModules } from "../../agent/services/agentModules.ts";
import { memberOfKey } from "../../agent/services/enrolledAs.ts";
import { BLOCKS_BEFORE_SNAPSHOT } from "../../agent/services/exchange/sync.ts";
import { peerTime } from "../../agent/services/metering/peerTime.ts";
import { type Outboxes, outboxesInEpoch } from "../../agent/services/pools/outboxInEpoch.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { type CounterMeter, counterMeter } from "./counterMeter.ts";
import { eventLog } from "./eventLog.ts";
import { FakeClock } from "./fakeClock.ts";
import { type MemoryFrames, memoryFrames } from "./memoryFrames.ts";
import { emptyOutboxDisk, memoryOutbox } from "./memoryOutbox.ts";
import { emptyStoreDisk, memoryStore } from "./memoryStore.ts";
import { MemoryHub } from "./memoryTransport.ts";
import { emptyVoteJournalDisk, memoryVoteJournal } from "./memoryVoteJournal.ts";
import { type Power, powered } from "./poweredModules.ts";

/** Length of an interval in the tests: 5 s, as in the demo. */
export const INTERVAL_MS = 5_000;

const verifier = nodeVerifier();

/** One gateway of the street. */
export type StreetGateway = {
  readonly name: string;
  readonly secretKey: Uint8Array;
  readonly generation: CounterMeter;
  readonly consumption: CounterMeter;
  /** Of the present life; a new one after each restart. */
  agent: Agent;
  power: Power;
  readonly log: ReturnType<typeof eventLog>;
  readonly outboxDisk: ReturnType<typeof emptyOutboxDisk>;
  readonly transactionDisk: ReturnType<typeof emptyOutboxDisk>;
  readonly storeDisk: ReturnType<typeof emptyStoreDisk>;
  readonly frames: MemoryFrames;
  readonly voteDisk: ReturnType<typeof emptyVoteJournalDisk>;
  readonly space: { freeBytes: number; isWritable: boolean };
  /** Lives that asked for a new one. */
  renewals: number;
  readonly faults: unknown[];
  /** Starts so far; the next nonce is drawn by it. */
  lives: number;
};

/** What a gateway keeps when its power is cut: its meters and its disks. */
type Lasting = Omit<StreetGateway, "agent" | "power">;

/**
 * Settings of a street; `wrapTransport` lets a test put a liar between an agent and the hub, `wrapJournal` something
 * that watches or fails between an agent and its vote journal. Both are asked again at every restart.
 */
export type StreetOptions = {
  readonly gateways: number;
  readonly mode?: "islanded" | "grid-tied";
  readonly termMax?: number;
  /** Policies of the genesis, from its first interval; none by default. */
  readonly policiesFrom?: (firstInterval: IntervalIndex) => readonly SignedPolicy[];
  /** Gateways that the genesis does not know. */
  readonly newcomers?: readonly string[];
  /** Length of an interval; with it, meters at the pace of real ones. */
  readonly intervalMs?: number;
  /** Gateways that were started on their data directory before. */
  readonly startedBefore?: readonly string[];
  /** Gateways that no time server has told the time: they go by the others. */
  readonly withoutNtp?: readonly string[];
  /** Wall clocks that are off, in ms ahead of the street's. */
  readonly clockAheadMs?: Readonly<Record<string, number>>;
  readonly wrapTransport?: (name: string, transport: Transport, street: MemoryStreet) => Transport;
  readonly wrapJournal?: (name: string, journal: VoteJournal, street: MemoryStreet) => VoteJournal;
  /** Another store, or something between an agent and its own. */
  readonly wrapStore?: (name: string, store: LedgerStore, street: MemoryStreet) => LedgerStore;
  readonly ledgersSetAside?: (name: string) => number;
  /** What a gateway can be curtailed with; none when absent. */
  readonly actuators?: (name: string, clock: FakeClock) => AgentModules["actuators"];
  readonly blocksBeforeSnapshot?: number;
  /** Hears what ends an agent, beside the list of its gateway. */
  readonly onFault?: (name: string, error: unknown) => void;
};

/** A running street. */
export class MemoryStreet {
  readonly clock = new FakeClock();
  readonly hub = new MemoryHub(this.clock);
  readonly genesis: Genesis;
  /** Of the genesis file that gateways are started with; a test that recovers the street changes it. */
  context: LedgerContext;
  readonly gateways: readonly StreetGateway[];
  readonly #options: StreetOptions;

  constructor(options: StreetOptions) {
    this.#options = options;
    const names = Array.from({ length: options.gateways }, (_, index) => `dep${index + 1}`);
    this.genesis = streetGenesis(
      names,
      options,
      laterInterval(intervalAt(this.clock.nowMs(), options.intervalMs ?? INTERVAL_MS), 1),
    );
    this.context = ledgerContext(this.genesis, verifier.verify);
    this.gateways = names.map((name) => {
      const lasting = this.#lasting(name);
      return Object.assign(lasting, this.#life(lasting, names));
    });
  }

  /** Starts every gateway but those that a test starts later. */
  async start(later: readonly string[] = []): Promise<void> {
    for (const { name, agent } of this.gateways) if (!later.includes(name)) await agent.start();
  }

  async stop(): Promise<void> {
    for (const { agent } of this.gateways) await agent.stop();
  }

  /** Cuts the power of a gateway: its disks stay, whatever it was doing does not go on. */
  cutPower(name: string): void {
    this.gateway(name).power.cut();
  }

  /** Starts a gateway whose power was cut again, on its disks. */
  async restart(name: string): Promise<void> {
    const gateway = this.gateway(name);
    const names = this.gateways.map((one) => one.name);
    const signing = { signer: signerOf(name), verify: verifier.verify, roster: this.context.roster };
    const outboxes = await outboxesInEpoch(
      {
        outbox: memoryOutbox(gateway.outboxDisk),
        transactionOutbox: memoryOutbox(gateway.transactionDisk),
      },
      signing,
    );
    Object.assign(gateway, this.#life(gateway, names, outboxes));
    await gateway.agent.start();
  }

  /** Lets whole intervals pass; each gateway generates and consumes what the table says in each of them. */
  async pass(
    intervals: number,
    energiesWh: Readonly<Record<string, readonly [generated: number, consumed: number]>>,
  ): Promise<void> {
    for (let count = 0; count < intervals; count += 1) {
      await this.clock.advance(this.genesis.body.intervalMs / 2);
      for (const { name, generation, consumption } of this.gateways) {
        const [generated, consumed] = energiesWh[name] ?? [0, 0];
        generation.add(generated);
        consumption.add(consumed);
      }
      await this.clock.advance(this.genesis.body.intervalMs / 2);
    }
  }

  gateway(name: string): StreetGateway {
    const found = this.gateways.find((gateway) => gateway.name === name);
    if (found === undefined) throw new Error(`no gateway ${name}`);
    return found;
  }

  /** @returns how often a gateway refused something with that code */
  async refused(name: string, code: string): Promise<number> {
    const { refusals } = await this.gateway(name).agent.status();
    return refusals.find((refusal) => refusal.code === code)?.count ?? 0;
  }

  #lasting(name: string): Lasting {
    const outboxDisk = emptyOutboxDisk();
    if (this.#options.startedBefore?.includes(name) === true) outboxDisk.boot = 1;
    return {
      name,
      secretKey: secretKeyOf(name),
      generation: counterMeter(this.clock, "generation"),
      consumption: counterMeter(this.clock, "consumption"),
      log: eventLog(),
      outboxDisk,
      transactionDisk: emptyOutboxDisk(),
      storeDisk: emptyStoreDisk(),
      frames: memoryFrames(),
      voteDisk: emptyVoteJournalDisk(),
      space: { freeBytes: 1_000_000_000, isWritable: true },
      renewals: 0,
      faults: [],
      lives: 0,
    };
  }

  #clockOf(name: string, log: ReturnType<typeof eventLog>): Clock {
    const clock = aheadBy(this.clock, this.#options.clockAheadMs?.[name] ?? 0);
    if (this.#options.withoutNtp?.includes(name) !== true) return clock;
    return peerTime({ ...clock, trust: () => "unsynchronised" }, log);
  }

  #life(
    lasting: Lasting,
    names: readonly string[],
    outboxes: Outboxes = {
      outbox: memoryOutbox(lasting.outboxDisk),
      transactionOutbox: memoryOutbox(lasting.transactionDisk),
    },
  ): Pick<StreetGateway, "agent" | "power"> {
    const { name, secretKey, generation, consumption, faults } = lasting;
    const { wrapTransport, wrapJournal, wrapStore } = this.#options;
    const onFault = (error: unknown) => {
      faults.push(error);
      this.#options.onFault?.(name, error);
    };
    const roster = names.filter((other) => other !== name);
    const transport = this.hub.join({ peerId: name, roster, onFault });
    const voteJournal = memoryVoteJournal(lasting.voteDisk);
    const store = memoryStore(lasting.storeDisk);
    const power = powered({
      version: "0.0.0",
      context: this.context,
      self: memberOfKey(this.context, publicKeyOf(secretKey), enrolmentOf(name)),
      meters: [
        { role: "generation", definition: "counter", unitId: 1, meter: generation },
        { role: "consumption", definition: "counter", unitId: 2, meter: consumption },
      ],
      actuators: this.#options.actuators?.(name, this.clock) ?? [],
      clock: this.#clockOf(name, lasting.log),
      signer: signerOf(name),
      voteJournal: wrapJournal?.(name, voteJournal, this) ?? voteJournal,
      ...outboxes,
      store: wrapStore?.(name, store, this) ?? store,
      frames: lasting.frames,
      ledgersSetAside: this.#options.ledgersSetAside?.(name) ?? 0,
      disk: { look: async () => ({ ...lasting.space }), makeRoom: async () => 0 },
      failedLives: 0,
      blocksBeforeSnapshot: this.#options.blocksBeforeSnapshot ?? BLOCKS_BEFORE_SNAPSHOT,
      transport: wrapTransport?.(name, transport, this) ?? transport,
      random: seededRandom(names.indexOf(lasting.name)),
      drawNonce: () => hashBytes(hashOf(new TextEncoder().encode(`nonce ${name} ${lasting.lives++}`))),
      logger: lasting.log,
      onFault,
      onRenew: () => {
        lasting.renewals += 1;
      },
    });
    return { agent: new Agent(power.modules), power };
  }
}

/** @param name of a gateway @returns its ledger key: not secret, and the same in every run */
export function secretKeyOf(name: string): Uint8Array {
  return hashBytes(hashOf(new TextEncoder().encode(`test key of ${name}`)));
}

/** @param name of a gateway @returns what signs with its key */
export function signerOf(name: string): Signer {
  const secretKey = secretKeyOf(name);
  return { publicKey: publicKeyOf(secretKey), sign: async (message) => signMessage(secretKey, message) };
}

function aheadBy(clock: FakeClock, aheadMs: number): Clock {
  return {
    nowMs: () => unixMs(clock.nowMs() + aheadMs),
    monotonicMs: () => clock.monotonicMs(),
    trust: () => clock.trust(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
  };
}

function streetGenesis(
  names: readonly string[],
  options: StreetOptions,
  firstInterval: IntervalIndex,
): Genesis {
  const adminKey = secretKeyOf("grid-admin");
  const body: GenesisBody = {
    microgridId: "test-street",
    gridAdminKey: publicKeyOf(adminKey),
    regulatorKey: publicKeyOf(secretKeyOf("regulator")),
    seed: hashBytes(hashOf(new TextEncoder().encode("seed"))),
    intervalMs: options.intervalMs ?? INTERVAL_MS,
    timeLapse: options.intervalMs === undefined ? 180 : 1,
    firstInterval,
    mode: options.mode ?? "islanded",
    termMax: options.termMax ?? 96,
    members: names.filter((name) => options.newcomers?.includes(name) !== true).map(enrolmentOf),
    contracts: CONTRACTS,
    policies: options.policiesFrom?.(firstInterval) ?? [],
  };
  return { body, signature: signMessage(adminKey, genesisSignBytes(body)) };
}

/** @param name of a gateway @returns what it enrolled with */
export function enrolmentOf(name: string): Enrolment {
  const body: EnrolmentBody = {
    microgridId: "test-street",
    name,
    publicKey: publicKeyOf(secretKeyOf(name)),
    peerId: name,
    recordsKey: secretKeyOf(`records of ${name}`),
    addresses: [`/memory/${name}`],
    meters: [
      { serial: `${name}-1`, role: "generation", fuel: "solar" },
      { serial: `${name}-2`, role: "consumption", fuel: null },
    ],
    connectionRatingW: 11_000,
    area: "street",
  };
  return { body, signature: signMessage(secretKeyOf(name), enrolmentSignBytes(body)) };
}
