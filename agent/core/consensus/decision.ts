/**
 * From votes to a final block: a quorum of PREPAREs lets this gateway commit, a quorum of COMMITs decides.
 *
 * @source docs/protocol.md, "Flow of one height", steps 3 and 4
 */
import type { Hash } from "../hash.ts";
import type { Round } from "../units.ts";
import { buildCommitCertificate, buildPreparedCertificate } from "./certificate.ts";
import { quorum } from "./quorum.ts";
import { bodyOrAsk, emit, type Step, sendVote, update } from "./step.ts";
import { commitsFor, preparesFor } from "./voteKeeper.ts";

/**
 * Step 3. S4: COMMIT only with PREPAREs of that hash and of that round from a quorum, and only for a block that
 * this gateway found right itself; the proof and the body go into the vote's own durable write.
 *
 * @param step to change
 */
export function tryCommit(step: Step): void {
  const { config, round, proposal, sentInRound, keeper, bodies } = step.state;
  if (!config.isVoter || proposal?.judgement !== "valid" || sentInRound.has("commit")) return;
  const { blockHash, holding } = proposal;
  const prepares = preparesFor(keeper, round, blockHash);
  const body = bodies.get(blockHash);
  if (body === undefined || prepares.length < quorum(config.voters.length)) return;
  const prepared = buildPreparedCertificate(prepares, config.voters);
  update(step, { prepared });
  const { height, self: voter } = config;
  const rest = { body, prepared, items: holding.items };
  sendVote(step, { kind: "commit", height, round, blockHash, held: holding.list, voter }, rest);
}

/**
 * Step 4: a COMMIT was just kept. Counts those of its hash in its one round, current or left; COMMITs of different
 * rounds never add up.
 *
 * @param step to change
 * @param round of the COMMIT
 * @param blockHash of the COMMIT
 */
export function onCommit(step: Step, round: Round, blockHash: Hash): void {
  const { config, keeper, certificate } = step.state;
  const commits = commitsFor(keeper, round, blockHash);
  if (certificate !== null || commits.length < quorum(config.voters.length)) return;
  update(step, { certificate: buildCommitCertificate(commits, config.voters) });
  tryDecide(step);
}

/** Decides once the certificate and the body are both there. @param step to change */
export function tryDecide(step: Step): void {
  const { certificate, isDecided, isTimerSet } = step.state;
  if (certificate === null || isDecided) return;
  const body = bodyOrAsk(step, certificate.blockHash);
  if (body === undefined) return;
  update(step, { isDecided: true, isTimerSet: false });
  if (isTimerSet) emit(step, { kind: "cancel-timer" });
  emit(step, { kind: "decide", blockHash: certificate.blockHash, body, certificate });
}
