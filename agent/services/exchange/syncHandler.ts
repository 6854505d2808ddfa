/** Answers the requests of other gateways: a summary with what is missing from it, a request for a snapshot or for a trail with a piece. */
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { Height } from "../../core/units.ts";
import type { Refusal } from "../../core/verdict.ts";
import {
  isSnapshotRequest,
  readSnapshotRequest,
  type SnapshotRequest,
} from "../../core/wire/snapshotRequest.ts";
import { encodeSyncAnswer } from "../../core/wire/syncAnswer.ts";
import { readSyncRequest } from "../../core/wire/syncRequest.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PeerRequest, RequestHandler } from "../../ports/transport.ts";
import { answerSnapshot } from "./snapshotAnswerer.ts";
import { type AnswerSources, answerSummary } from "./syncAnswerer.ts";
import { answerTrail } from "./trailAnswerer.ts";

/** What requests are answered with. */
export type HandlerModules = {
  readonly context: LedgerContext;
  readonly clock: Clock;
  /** @returns what is answered from, at this moment */
  readonly sources: () => AnswerSources;
  /** Hears which head whoever asks says it has. */
  readonly onHead: (peerId: string, head: Height) => void;
  readonly onRefused: (peerId: string, refusal: Refusal) => void;
  readonly isStopped: () => boolean;
};

/** @param modules of the sync service @returns the handler for the transport */
export function syncHandler(modules: HandlerModules): RequestHandler {
  return async (request) => {
    try {
      return await answer(modules, request);
    } catch (error) {
      // A store that is being closed cannot be read: no fault while this gateway stops.
      if (modules.isStopped()) return null;
      throw error;
    }
  };
}

async function answer(
  { context, clock, sources, onHead, onRefused }: HandlerModules,
  { peerId, bytes }: PeerRequest,
): Promise<Uint8Array | null> {
  const { roster } = context;
  if (isSnapshotRequest(bytes)) {
    const read = readSnapshotRequest(bytes, roster);
    if (read.kind === "accept") return answerFarBehind(sources(), read.value);
    onRefused(peerId, read);
    return null;
  }
  const { ledger } = sources();
  const read = readSyncRequest(bytes, ledger.spokenRoster, ledger.state.height);
  if (read.kind !== "accept") {
    onRefused(peerId, read);
    return null;
  }
  onHead(peerId, read.value.head);
  const found = await answerSummary(sources(), read.value);
  const nowMs = clock.trust() === "unsynchronised" ? null : clock.nowMs();
  return encodeSyncAnswer({ ...found, nowMs }, roster.chainId);
}

function answerFarBehind(sources: AnswerSources, request: SnapshotRequest): Promise<Uint8Array | null> {
  return request.kind === "piece" ? answerSnapshot(sources, request) : answerTrail(sources, request);
}
