/**
 * An onlooker inside each sound gateway: keeps what its instance was told and took, and compares where that should have
 * led with where the instance stands. So it sees what no vote shows: a gateway that must go on, and does not.
 */
import type {
  InstanceConfig,
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import { type Message, senderOf } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import type { Gateway } from "./gateway.ts";
import { faultyByHand } from "./quorumByHand.ts";
import type { RosterBook } from "./rosterBook.ts";

/** What one instance has heard. */
type Heard = {
  /** Of each voter, rounds that it voted in. */
  readonly roundsOf: Map<string, Set<number>>;
  /** Of each voter, the highest round that it said it entered. */
  readonly enteredBy: Map<string, number>;
  /** By round and block, who committed it; of each voter the first COMMIT of a round. */
  readonly commits: Map<string, Commits>;
  readonly hasCommitted: Set<string>;
};

type Commits = { readonly round: number; readonly blockHash: Hash; readonly voters: Set<string> };

/** Rounds of a voter that a gateway must remember. @source docs/protocol.md, "Own votes" */
const ROUNDS_KEPT = 8;

/** Books of one run. */
export class InstanceWatch {
  readonly faults: string[] = [];
  readonly #heard = new WeakMap<InstanceConfig, Heard>();
  readonly #roster: RosterBook;

  /** @param roster knows who votes at which height */
  constructor(roster: RosterBook) {
    this.#roster = roster;
  }

  /** @param at a sound gateway @param input that its instance was given @param outputs of it @param instance after it */
  sawApplied(
    at: Gateway,
    input: InstanceInput,
    outputs: readonly InstanceOutput[],
    instance: InstanceState,
  ): void {
    const known = this.#heard.get(instance.config);
    const heard = known ?? nothingHeard();
    this.#heard.set(instance.config, heard);
    if (known === undefined) this.#checkVoters(at, instance.config);
    const isTaken = outputs.every(({ kind }) => kind !== "refused" && kind !== "equivocation");
    if (input.kind === "message" && isTaken) hear(heard, input.message);
    if (instance.isDecided) return;
    this.#checkFollows(at, heard, instance);
    this.#checkDecides(at, heard, instance);
  }

  /** Whoever agrees on a height, decided, fetched or restarted below it, does so with the voters that its blocks give. */
  #checkVoters(at: Gateway, { height, voters }: InstanceConfig): void {
    const right = this.#roster.at(height).voters.map(({ id }) => id);
    if (voters.join() !== right.join())
      this.faults.push(
        `VOTERS: ${at.options.name} takes ${voters} for the voters of height ${height}, not ${right}`,
      );
  }

  /** Step 5: f + 1 voters that are further on are followed, as far as one of them is surely sound. */
  #checkFollows(at: Gateway, { enteredBy }: Heard, { config, round }: InstanceState): void {
    const descending = [...enteredBy.values()].sort((left, right) => right - left);
    const target = descending[faultyByHand(this.#roster.at(config.height).voters.length)] ?? 0;
    if (target > round)
      this.faults.push(
        `FOLLOW: ${at.options.name} stays in height ${config.height} round ${round} with f + 1 voters in ${target}`,
      );
  }

  /** Step 4: a quorum of COMMITs of one round, current or left, decides as soon as the body is there. */
  #checkDecides(at: Gateway, { commits, roundsOf }: Heard, { config, round, bodies }: InstanceState): void {
    for (const { round: of, blockHash, voters } of commits.values()) {
      const isRemembered = (voter: string) =>
        [...(roundsOf.get(voter) ?? [])].filter((other) => other > of).length < ROUNDS_KEPT;
      const remembered = [...voters].filter(isRemembered).length;
      if (remembered < this.#roster.at(config.height).quorum || !bodies.has(blockHash)) continue;
      this.faults.push(
        `DECIDE: ${at.options.name} is in height ${config.height} round ${round} with a quorum of COMMITs of round ${of}`,
      );
    }
  }
}

function nothingHeard(): Heard {
  return { roundsOf: new Map(), enteredBy: new Map(), commits: new Map(), hasCommitted: new Set() };
}

function hear({ roundsOf, enteredBy, commits, hasCommitted }: Heard, message: Message): void {
  const voter = senderOf(message);
  const { kind, round } = message;
  roundsOf.set(voter, (roundsOf.get(voter) ?? new Set()).add(round));
  if (kind === "round-change") enteredBy.set(voter, Math.max(enteredBy.get(voter) ?? 0, round));
  if (kind !== "commit" || hasCommitted.has(`${voter}/${round}`)) return;
  hasCommitted.add(`${voter}/${round}`);
  const { blockHash } = message;
  const key = `${round}/${blockHash}`;
  const known = commits.get(key) ?? { round, blockHash, voters: new Set<string>() };
  known.voters.add(voter);
  commits.set(key, known);
}
