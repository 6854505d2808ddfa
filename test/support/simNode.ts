/** One gateway of a simulated schedule: its instance, its chain and what the service around them would hold. */
import {
  candidates,
  type Office,
  type Seating,
  type VoterId,
} from "../../agent/core/consensus/candidates.ts";
import { type EarlyMessages, noEarlyMessages } from "../../agent/core/consensus/earlyMessages.ts";
import { startInstance } from "../../agent/core/consensus/instance.ts";
import type { InstanceState } from "../../agent/core/consensus/instanceState.ts";
import type { OwnVote } from "../../agent/core/consensus/ownVote.ts";
import { resumeInstance } from "../../agent/core/consensus/resume.ts";
import { type Hash, ZERO_HASH } from "../../agent/core/hash.ts";
import { type Height, height } from "../../agent/core/units.ts";

/** A block of its chain, as it would be stored. */
export type Decided = {
  readonly blockHash: Hash;
  readonly body: Uint8Array;
  readonly certificate: Uint8Array;
};
/** Changed in place by the simulation; only the instance is pure. */
export type SimNode = {
  readonly id: VoterId;
  /** 0, or 1 for the second run under one key. */
  readonly run: number;
  readonly isSound: boolean;
  isAlive: boolean;
  state: InstanceState;
  office: Office | null;
  head: Hash;
  early: EarlyMessages;
  sent: Uint8Array[];
  timer: number;
  /** Counts its starts; what an earlier life began is not finished. */
  life: number;
  /** Own votes as its journal keeps them. */
  journal: readonly OwnVote[];
  /** Loses its power at its next vote, between journal and network. */
  isDueAtVote: boolean;
  readonly chain: Decided[];
};

/** @param id of the voter @param run 0, or 1 for a second run under its key @param isSound false for both runs of such a voter */
export function newSimNode(id: VoterId, run: number, isSound: boolean, seating: Seating): SimNode {
  return {
    id,
    run,
    isSound,
    isAlive: true,
    state: instanceAt(height(1), id, seating),
    office: null,
    head: ZERO_HASH,
    early: noEarlyMessages(height(2), seating.voters),
    sent: [],
    timer: 0,
    life: 1,
    journal: [],
    isDueAtVote: false,
    chain: [],
  };
}

/** @param at height @param self who runs it @param seating committed facts before it */
export function instanceAt(at: Height, self: VoterId, seating: Seating): InstanceState {
  const { voters } = seating;
  return startInstance({ height: at, self, isVoter: true, voters, candidates: candidates(seating) });
}

/** Starts a gateway again that has lost its power. @param node to change @param stored own votes of its height, as its journal kept them */
export function beginNextLife(node: SimNode, stored: readonly OwnVote[]): void {
  const { config } = node.state;
  node.isDueAtVote = false;
  node.life += 1;
  node.timer += 1;
  node.state = resumeInstance(config, stored);
  node.early = noEarlyMessages(height(config.height + 1), config.voters);
}
