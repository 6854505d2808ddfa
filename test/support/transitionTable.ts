/** Transition tables of the agreement: inputs in order, and what each must put out. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { VoterId } from "../../agent/core/consensus/candidates.ts";
import { buildPreparedCertificate } from "../../agent/core/consensus/certificate.ts";
import type { InstanceInput } from "../../agent/core/consensus/instanceState.ts";
import { buildJustification } from "../../agent/core/consensus/justification.ts";
import type {
  Justification,
  Message,
  PreparedCertificate,
  Proposal,
} from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { round } from "../../agent/core/units.ts";
import {
  block,
  prepareBy,
  proposalBy,
  roundChangeBy,
  TestNode,
  voterIds,
  wordsOf,
} from "./consensusNodes.ts";

type Proposed = { readonly blockHash: Hash; readonly body: Uint8Array | null };

const VOTERS = voterIds(4);

/** One input, and the words of its outputs. */
export type Transition = readonly [input: InstanceInput, outputs: readonly string[]];

/** Sequences of transitions by what they show, each from a fresh instance of four voters. */
export type TransitionTable = Readonly<
  Record<
    string,
    { readonly self?: VoterId; readonly isVoter?: boolean; readonly rows: readonly Transition[] }
  >
>;

/** @param name of the suite @param table to play, each sequence as one test; the caller runs the suite */
export function transitionSuite(name: string, table: TransitionTable): ReturnType<typeof suite> {
  const transitions = suite(name);
  for (const [what, { self = "v2", isVoter = true, rows }] of Object.entries(table)) {
    transitions(what, () => {
      const node = new TestNode({ self, isVoter, voters: VOTERS });
      for (const [index, [input, outputs]] of rows.entries())
        assert.equal(wordsOf(node.give(input)), outputs, `step ${index + 1}`);
    });
  }
  return transitions;
}

const A = block("a");

/** Inputs as transition tables name them; block A where none is named. */
export const begin: InstanceInput = { kind: "begin" };

export function message(sent: Message): InstanceInput {
  return { kind: "message", message: sent };
}

export function timeout(at: number): InstanceInput {
  return { kind: "timeout", round: round(at) };
}

export function judged(at: number, verdict: "valid" | "invalid" | "early", of = A): InstanceInput {
  return { kind: "judged", round: round(at), blockHash: of.blockHash, verdict };
}

export function built(at: number, of = A): InstanceInput {
  return { kind: "built", round: round(at), ...of };
}

export function body(of = A): InstanceInput {
  return { kind: "body", ...of };
}

/** Block A, prepared in round 0. */
export const PREPARED: PreparedCertificate = buildPreparedCertificate(
  ["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash)),
  VOTERS,
);

/** The ROUND_CHANGEs of v1, v3 and v4. */
export function mandate(
  at: number,
  candidate: VoterId,
  prepared: PreparedCertificate | null = null,
): Justification {
  return buildJustification(
    ["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, at, candidate, prepared)),
    VOTERS,
  );
}

/** A fresh proposal of a round by its DSO, justified. */
export function proposal(at: number, of: Proposed = A): Proposal {
  const dso = VOTERS[at % VOTERS.length] ?? "";
  return proposalBy(dso, at, of, at === 0 ? null : mandate(at, dso));
}

/** Block A, prepared in round 0, proposed again. */
export function again(at: number, of: Proposed = A): Proposal {
  const dso = VOTERS[at % VOTERS.length] ?? "";
  return proposalBy(dso, at, of, mandate(at, dso, PREPARED));
}
