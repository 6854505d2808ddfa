/**
 * A street whose gateways agree height by height without a network: the DSO's block is built, judged and voted for by
 * the product's own code and keys, and every gateway that is there commits it to its own disk.
 */

import type { GatewayPlace } from "../../agent/cli/demoSetup.ts";
import { candidates, dsoOf } from "../../agent/core/consensus/candidates.ts";
import {
  buildPreparedCertificate,
  buildRoundChangeCertificate,
  chooseCommitCertificate,
} from "../../agent/core/consensus/certificate.ts";
import { NO_ITEMS } from "../../agent/core/consensus/item.ts";
import type { CommitCertificate, Justification } from "../../agent/core/consensus/message.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import { type JudgedBlock, judgeBlock } from "../../agent/core/ledger/blocks/judgeBlock.ts";
import { contextOfNext, seatingOf } from "../../agent/core/ledger/state/context.ts";
import { intervalEndMs } from "../../agent/core/metering/interval.ts";
import { height as heightOf, type Round, round as roundOf } from "../../agent/core/units.ts";
import { buildProposal, cutOffMs } from "../../agent/services/agreement/dso.ts";
import { readingPool } from "../../agent/services/pools/readingPool.ts";
import { transactionPool } from "../../agent/services/pools/transactionPool.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { PaperGateway, type PaperWorld } from "./paperGateway.ts";

/** Longest wait in ms of the real clock until every reading of an interval is durable. */
const STATE_LIMIT_MS = 30_000;

/** What a street on paper is made of. */
export type PaperStreetOptions = Pick<PaperWorld, "context"> & {
  /** @returns the meters of a gateway at whatever instant is asked for */
  readonly metersOf: (
    place: GatewayPlace,
    nowMs: PaperWorld["clock"]["nowMs"],
  ) => ReturnType<PaperWorld["metersOf"]>;
};

/** A block that a quorum decided. */
type Decided = { readonly judged: JudgedBlock; readonly certificate: CommitCertificate };

/** Owns the data directories of the gateways that are there. */
export class PaperStreet {
  readonly #world: PaperWorld;
  readonly #clock: FakeClock;
  readonly #faults: unknown[] = [];
  #present: readonly PaperGateway[] = [];

  /** @param options facts and meters */
  constructor({ context, metersOf }: PaperStreetOptions) {
    const { firstInterval, intervalMs } = context.genesis;
    this.#clock = new FakeClock(intervalEndMs(firstInterval, intervalMs) - 2 * intervalMs);
    const monotonicMs = () => this.#clock.monotonicMs();
    this.#world = {
      context,
      clock: this.#clock,
      pool: readingPool(monotonicMs),
      transactions: transactionPool(context, monotonicMs),
      metersOf: (place) => metersOf(place, () => this.#clock.nowMs()),
      onFault: (error) => this.#faults.push(error),
    };
  }

  /** @param places laid out, never started; starts all of them just before the first interval begins */
  async start(places: readonly GatewayPlace[]): Promise<void> {
    this.#present = await Promise.all(places.map((place) => PaperGateway.start(this.#world, place)));
    await this.#clock.advance(this.#world.context.genesis.intervalMs);
  }

  get height(): number {
    return this.#first.ledger.state.height;
  }

  /** First interval that no block has settled. */
  get nextInterval(): number {
    return this.#first.ledger.state.nextInterval;
  }

  /** When the next interval can be settled, Unix ms. */
  get nextCutOffMs(): number {
    return cutOffMs(this.#world.context, this.#first.ledger.state);
  }

  /** @param name of a gateway that stops in order; the others go on without it */
  async stop(name: string): Promise<void> {
    const leaving = this.#present.filter(({ self }) => self.name === name);
    this.#present = this.#present.filter((gateway) => !leaving.includes(gateway));
    await Promise.all(leaving.map((gateway) => gateway.stop()));
  }

  /** Stops all that are there, in order. @throws Error the first thing that went wrong on the way */
  async stopAll(): Promise<void> {
    await Promise.all(this.#present.map((gateway) => gateway.stop()));
    this.#throwFault();
  }

  /** Lets one interval pass and settles it in one block. @throws Error when anything goes wrong */
  async settleNext(): Promise<void> {
    const { pool, transactions } = this.#world;
    const { nextInterval } = this.#first.ledger.state;
    await this.#clock.advance(this.nextCutOffMs - this.#clock.nowMs());
    const deadlineMs = performance.now() + STATE_LIMIT_MS;
    while (pool.of(nextInterval).length < this.#present.length) {
      this.#throwFault();
      if (performance.now() > deadlineMs) throw new Error(`interval ${nextInterval} is not stated by all`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { judged, certificate } = await this.#decide();
    await Promise.all(this.#present.map(({ ledger }) => ledger.commit(judged, certificate)));
    transactions.forgetSettled(judged.state);
    this.#throwFault();
  }

  get #first(): PaperGateway {
    const [first] = this.#present;
    if (first === undefined) throw new Error("nobody is there");
    return first;
  }

  /** PROPOSAL, PREPAREs and COMMITs of all that vote, each in its journal before anybody counts it. */
  async #decide(): Promise<Decided> {
    const { round, dso, justification } = await this.#seat();
    const { judged, body } = this.#build(round, justification);
    const { blockHash } = judged;
    const { voters } = this.#facts();
    const place = { height: judged.state.height, round, blockHash };
    await dso.vote({ kind: "proposal", ...place, proposer: dso.self.id, body, justification });
    const prepares = await Promise.all(
      this.#voting().map((gateway) => gateway.vote({ kind: "prepare", ...place, voter: gateway.self.id })),
    );
    const basis = { body, prepared: buildPreparedCertificate(prepares, voters), items: [] };
    const commits = await Promise.all(
      this.#voting().map((gateway) =>
        gateway.vote({ kind: "commit", ...place, held: NO_ITEMS, voter: gateway.self.id }, basis),
      ),
    );
    const certificate = chooseCommitCertificate(commits, voters, []);
    if (certificate === null) throw new Error(`block ${place.height} has no quorum`);
    return { judged, certificate };
  }

  /** Round 0, or the first whose DSO is there: the one before is recalled by all that vote. */
  async #seat(): Promise<{ round: Round; dso: PaperGateway; justification: Justification | null }> {
    const { context, state, voters } = this.#facts();
    const order = candidates(seatingOf(context, state));
    for (let at = 0; at < voters.length; at += 1) {
      const round = roundOf(at);
      const candidate = dsoOf(order, round);
      const dso = this.#voting().find(({ self }) => self.id === candidate);
      if (dso === undefined) continue;
      if (at === 0) return { round, dso, justification: null };
      const height = heightOf(state.height + 1);
      const claim = { preparedRound: null, preparedHash: null, prepared: null, named: NO_ITEMS };
      const roundChanges = await Promise.all(
        this.#voting().map((gateway) =>
          gateway.vote({ kind: "round-change", height, round, candidate, ...claim, voter: gateway.self.id }),
        ),
      );
      const mandate = buildRoundChangeCertificate(roundChanges, voters);
      return { round, dso, justification: { roundChanges: mandate, prepared: null } };
    }
    throw new Error("no candidate is there");
  }

  #build(round: Round, justification: Justification | null): { judged: JudgedBlock; body: Uint8Array } {
    const { ledger } = this.#first;
    const { context, pool, transactions } = this.#world;
    const { state, headCertificate } = ledger;
    const nowMs = this.#clock.nowMs();
    const proposal = buildProposal({
      context,
      state,
      headCertificate,
      pool,
      transactions,
      round,
      justification,
      nowMs,
    });
    const body = encodeBlock(proposal.block);
    const judged = judgeBlock(context, state, body, round);
    if (judged.kind !== "accept") throw new Error(`block ${state.height + 1}: ${judged.code}`);
    return { judged: judged.value, body };
  }

  #voting(): readonly PaperGateway[] {
    const { voters } = this.#facts();
    return this.#present.filter(({ self }) => voters.includes(self.id));
  }

  #facts() {
    const { state } = this.#first.ledger;
    const context = contextOfNext(this.#world.context, state);
    return { context, state, voters: context.voters.voters.map(({ id }) => id) };
  }

  #throwFault(): void {
    const [fault] = this.#faults;
    if (fault !== undefined) throw new Error("the street on paper failed", { cause: fault });
  }
}
