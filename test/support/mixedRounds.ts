/**
 * A schedule by hand, of honest voters and a network that delivers late: block A is committed in rounds 0, 2 and 4,
 * block B in rounds 1, 3 and 5, in each round by one voter. Whoever added COMMITs up over rounds would see a quorum
 * for both. Random schedules do not find it.
 */
import type { VoterId } from "../../agent/core/consensus/candidates.ts";
import { type Hash, hashOf } from "../../agent/core/hash.ts";
import { round } from "../../agent/core/units.ts";
import { block, TestNode, voterIds } from "./consensusNodes.ts";

/** Who hears whose ROUND_CHANGEs in a round, who is DSO, and who alone hears the PREPAREs and so commits. */
type RoundPlan = { readonly quorum: readonly VoterId[]; readonly dso: VoterId; readonly committer: VoterId };

const VOTERS = voterIds(4);
const CANDIDATES = ["v2", "v3", "v4", "v1"];
const PLAN: readonly RoundPlan[] = [
  { quorum: ["v1", "v2", "v3"], dso: "v2", committer: "v1" },
  { quorum: ["v2", "v3", "v4"], dso: "v3", committer: "v2" },
  { quorum: ["v1", "v3", "v4"], dso: "v4", committer: "v3" },
  { quorum: ["v1", "v2", "v4"], dso: "v1", committer: "v4" },
  { quorum: ["v1", "v2", "v3"], dso: "v2", committer: "v2" },
  { quorum: ["v1", "v3", "v4"], dso: "v3", committer: "v1" },
];
const BLOCKS = [block("a"), block("b")] as const;

/** What the schedule led to. */
export type MixedRounds = {
  /** Round, committer and block of every COMMIT that was sent, in order. */
  readonly commits: readonly (readonly [number, VoterId, Hash])[];
  /** What an observer decided that heard the COMMITs for A, and then one that heard those for B; null for nothing. */
  readonly decided: readonly (Hash | null)[];
  readonly hashes: readonly [Hash, Hash];
};

/** Plays the schedule on the agreement core. @returns what was committed and what onlookers decided */
export function playMixedRounds(): MixedRounds {
  const nodes = new Map(
    VOTERS.map((self) => [self, new TestNode({ self, voters: VOTERS, candidates: CANDIDATES })]),
  );
  const of = (voter: VoterId): TestNode => {
    const node = nodes.get(voter);
    if (node === undefined) throw new RangeError(voter);
    return node;
  };
  for (const node of nodes.values()) node.give({ kind: "begin" });
  for (const [at, plan] of PLAN.entries()) playRound(at, plan, of);
  const commits = [...nodes.values()].flatMap((node) => node.sentOf("commit"));
  commits.sort((left, right) => left.round - right.round);
  const decided = BLOCKS.map(({ blockHash, body }) => {
    const onlooker = new TestNode({ self: "x", isVoter: false, voters: VOTERS, candidates: CANDIDATES });
    onlooker.receive(...commits.filter((commit) => commit.blockHash === blockHash));
    onlooker.give({ kind: "body", blockHash, body });
    const decision = onlooker.outputs.find((output) => output.kind === "decide");
    return decision === undefined ? null : hashOf(decision.body);
  });
  return {
    commits: commits.map((commit) => [commit.round, commit.voter, commit.blockHash]),
    decided,
    hashes: [BLOCKS[0].blockHash, BLOCKS[1].blockHash],
  };
}

function playRound(at: number, plan: RoundPlan, of: (voter: VoterId) => TestNode): void {
  const { dso, committer, quorum } = plan;
  const fresh = BLOCKS[at % 2] ?? BLOCKS[0];
  if (at > 0) {
    for (const voter of VOTERS) of(voter).timeout(at - 1);
    const heard = quorum.flatMap((voter) => of(voter).sentOf("round-change", at));
    of(dso).receive(...heard);
  }
  if (at < 2) of(dso).give({ kind: "built", round: round(at), ...fresh });
  const proposals = of(dso).sentOf("proposal", at);
  for (const voter of quorum) {
    if (voter !== dso) of(voter).receive(...proposals);
    of(voter).give({ kind: "judged", round: round(at), blockHash: fresh.blockHash, verdict: "valid" });
  }
  of(committer).receive(...quorum.flatMap((voter) => of(voter).sentOf("prepare", at)));
  // The rest arrives when nothing can come of it but the next timer.
  const rest = [...proposals, ...VOTERS.flatMap((peer) => of(peer).sentOf("round-change", at))];
  for (const voter of VOTERS) of(voter).receive(...rest);
}
