/**
 * A street of real agents in one process, of which one – the patient – keeps its data in real files, as the product
 * writes them; time and network are the test's. When it is built, the patient is stopped with a vote on its way, and
 * the others stand still: too few for a block, enough to hand out the chain.
 */

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import { loadKeys } from "../../agent/adapters/signer/keyFiles.ts";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { type GatewayPlace, gatewayConfig, layOutStreet } from "../../agent/cli/demoSetup.ts";
import { USUAL_STREET } from "../../agent/cli/demoStreet.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { renderConfig } from "../../agent/config/template.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { RosterMember } from "../../agent/core/membership/roster.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";
import { Agent } from "../../agent/services/agent.ts";
import type { AgentModules } from "../../agent/services/agentModules.ts";
import { memberOfKey } from "../../agent/services/enrolledAs.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { DEPENDENCIES } from "../chaos/simulatedMeters.ts";
import { contextOf } from "../powercut/powercutStreet.ts";
import { counterMeter } from "../support/counterMeter.ts";
import { eventLog } from "../support/eventLog.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { openGatewayDisk } from "../support/gatewayDisk.ts";
import { memoryFrames } from "../support/memoryFrames.ts";
import { emptyOutboxDisk, memoryOutbox } from "../support/memoryOutbox.ts";
import { memoryStore } from "../support/memoryStore.ts";
import { MemoryHub } from "../support/memoryTransport.ts";
import { memoryVoteJournal } from "../support/memoryVoteJournal.ts";
import { rememberedVerify } from "../support/rememberedVerify.ts";
import { wrappedTransport } from "../support/wrappedTransport.ts";

/** Seven in the roster, of which five run: with the patient exactly a quorum. */
const MEMBERS = 7;
const RUNNING = 5;
const INTERVAL_SECONDS = 5;
/** Intervals before and after the patient is started again, so that its ledger has tables and a log. */
const INTERVALS = 20;
/** Fake time between two looks at the real disk, in ms, and how long a look takes. */
const STEP_MS = 100;
const LOOK_MS = 1;

type Life = { readonly agent: Agent; readonly closers: (() => Promise<void>)[] };

/** The street, built. */
export class BuiltStreet {
  readonly clock: FakeClock;
  readonly hub: MemoryHub;
  readonly context: LedgerContext;
  /** Data directory of the patient, as it was stopped. */
  readonly directory: string;
  readonly patient: RosterMember;
  /** What all agreed on, by height from 1. */
  chain: readonly StoredBlock[] = [];
  readonly #places: readonly GatewayPlace[];
  readonly #lives = new Map<string, Life>();
  #isSealed = false;

  private constructor(context: LedgerContext, places: readonly GatewayPlace[], startMs: number) {
    this.context = context;
    this.#places = places;
    this.clock = new FakeClock(startMs);
    this.hub = new MemoryHub(this.clock);
    const [first] = places;
    const patient = context.roster.members.find(({ name }) => name === first?.household.name);
    if (first === undefined || patient === undefined) throw new Error("nobody was laid out");
    this.directory = first.directory;
    this.patient = patient;
  }

  /** @param dataDir an empty directory @param seed of plan and genesis @returns the street, with its patient stopped */
  static async build(dataDir: string, seed: string): Promise<BuiltStreet> {
    const wanted = {
      gateways: MEMBERS,
      intervalSeconds: INTERVAL_SECONDS,
      seed,
      mode: "islanded",
      plan: USUAL_STREET,
      dataDir,
    } as const;
    const { places, firstIntervalAtMs } = await layOutStreet(wanted, DEPENDENCIES, 0);
    for (const place of places)
      await writeFile(
        join(place.directory, CONFIG_FILE_NAME),
        renderConfig(gatewayConfig(place, "/dev/null")),
      );
    const [first] = places;
    if (first === undefined) throw new Error("nobody was laid out");
    const context = await contextOf(first, rememberedVerify(nodeVerifier().verify));
    const street = new BuiltStreet(context, places, firstIntervalAtMs - 1_000);
    await street.#grow();
    return street;
  }

  /** Lets fake time pass while the real disk keeps up. */
  async pass(spanMs: number, isDone: () => boolean = () => false): Promise<void> {
    for (let passedMs = 0; passedMs < spanMs && !isDone(); passedMs += STEP_MS) {
      await this.clock.advance(STEP_MS);
      await pause(LOOK_MS);
    }
  }

  /** Stops whoever still runs. */
  async close(): Promise<void> {
    for (const name of [...this.#lives.keys()]) await this.#stop(name);
  }

  async #grow(): Promise<void> {
    const running = this.#places.slice(0, RUNNING);
    for (const place of running) await this.#start(place);
    await this.pass(INTERVALS * INTERVAL_SECONDS * 1_000);
    await this.#stop(this.patient.name);
    await this.#start(running[0] as GatewayPlace);
    await this.pass(INTERVALS * INTERVAL_SECONDS * 1_000);
    // Whatever the patient votes from now on, nobody can conclude from it.
    await this.#stop(running.at(-1)?.household.name ?? "");
    await this.pass(2 * INTERVAL_SECONDS * 1_000);
    await this.#stop(this.patient.name);
    this.#isSealed = true;
    this.hub.dropWhere(({ from, channel }) => from === this.patient.peerId && channel === "votes");
    this.chain = await this.#chain();
  }

  async #chain(): Promise<readonly StoredBlock[]> {
    const [witness] = this.#lives.values();
    const chain: StoredBlock[] = [];
    for (let at = 1; witness !== undefined; at += 1) {
      const stored = await witness.agent.block(heightOf(at));
      if (stored === null) break;
      chain.push(stored);
    }
    if (chain.length < INTERVALS) throw new Error(`only ${chain.length} blocks were built`);
    return chain;
  }

  async #stop(name: string): Promise<void> {
    const life = this.#lives.get(name);
    this.#lives.delete(name);
    await life?.agent.stop();
    await pause(LOOK_MS);
    for (const close of [...(life?.closers ?? [])].reverse()) await close();
  }

  async #start(place: GatewayPlace): Promise<void> {
    const { name } = place.household;
    const closers: (() => Promise<void>)[] = [];
    const keys = await loadKeys(join(place.directory, "keys"));
    const disk =
      name === this.patient.name
        ? await openGatewayDisk(place.directory, closers)
        : {
            store: memoryStore(),
            voteJournal: memoryVoteJournal(),
            outbox: memoryOutbox(emptyOutboxDisk()),
            transactionOutbox: memoryOutbox(emptyOutboxDisk()),
            ledgersSetAside: 0,
            frames: memoryFrames(),
            disk: { look: async () => ({ freeBytes: 2 ** 40, isWritable: true }), makeRoom: async () => 0 },
          };
    const agent = new Agent({
      version: "0.0.0",
      context: this.context,
      self: memberOfKey(this.context, openSigner(keys.ledger).publicKey),
      meters: this.#meters(place),
      clock: this.clock,
      signer: openSigner(keys.ledger),
      ...disk,
      failedLives: 0,
      onRenew: () => {
        throw new Error("nothing refuses a write here");
      },
      transport: this.#transport(name),
      random: seededRandom(this.#places.indexOf(place)),
      actuators: [],
      drawNonce: () => Uint8Array.from(randomBytes(32)),
      logger: eventLog(),
      onFault: (error) => {
        throw error;
      },
    });
    this.#lives.set(name, { agent, closers });
    await agent.start();
  }

  /** Once the street is built, nobody takes a vote from the patient: each of its lives is alone with the same past. */
  #transport(name: string): AgentModules["transport"] {
    const peerIdOf = new Map(this.context.roster.members.map((member) => [member.name, member.peerId]));
    const peerId = peerIdOf.get(name) ?? "";
    const roster = [...peerIdOf.values()].filter((other) => other !== peerId);
    const transport = this.hub.join({ peerId, roster, onFault: (error) => Promise.reject(error) });
    return wrappedTransport(transport, {
      peers: () => transport.peers().filter((peer) => !this.#isSealed || peer.peerId !== this.patient.peerId),
    });
  }

  #meters({ household }: GatewayPlace): AgentModules["meters"] {
    return household.meters.map(({ role, definition, unitId }) => {
      const meter = counterMeter(this.clock, role as "generation" | "consumption");
      meter.add(100 * unitId);
      return { role, definition, unitId, meter };
    });
  }
}
