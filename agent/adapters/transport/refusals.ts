/**
 * What libp2p refuses before a judge sees it. gossipsub tells of it only through its metrics, without a channel
 * and without the neighbour; the counts here are what can be known.
 */
import type { Gauge, MetricsRegister } from "@chainsafe/libp2p-gossipsub/metrics";
import type { Logger } from "../../ports/logger.ts";

/** Why a frame or a message never reached the judge. */
export type TransportRefusal =
  /** A frame longer than the limit, or garbage where its length should be: its stream is broken. */
  | "TRANSPORT_FRAME_BROKEN"
  /** A frame of allowed length that is no gossipsub RPC, or one with too many entries. */
  | "TRANSPORT_FRAME_UNDECODABLE"
  /** A message with fields of gossip-level signing, which this street does not use. */
  | "TRANSPORT_ENVELOPE_SIGNED"
  /** A request of a gateway that asks too often. */
  | "TRANSPORT_REQUEST_FLOODED"
  /** A request that came while answers to others took all the room. */
  | "TRANSPORT_REQUEST_CROWDED"
  /** A request that is too long, broken off, or whose answer was not taken in time. */
  | "TRANSPORT_REQUEST_BROKEN";

/** Counts by code since start. */
export type RefusalCounts = Readonly<Record<TransportRefusal, number>>;

/** A counter of refusals. */
export type RefusalLedger = {
  readonly counts: () => RefusalCounts;
  /** @param code what happened @param peerId the neighbour, when it is known */
  readonly count: (code: TransportRefusal, peerId?: string) => void;
};

/** @source @libp2p/gossipsub, src/metrics.ts, `peerReadStreamError`, `rpcDataError`, `msgReceivedInvalid` */
const STREAM_ERROR_METRIC = "gossipsub_peer_read_stream_err_count_total";
const UNDECODABLE_METRIC = "gossipsub_rpc_data_err_count_total";
const INVALID_METRIC = "gossipsub_msg_received_invalid_total";
/** @source @libp2p/gossipsub, src/types.ts, `ValidateError` of StrictNoSign */
const SIGNED_ERRORS: readonly unknown[] = ["signature_present", "seqno_present", "from_present"];

/**
 * Makes the counter. It logs the first refusal of a code and then each doubling, so that no neighbour can fill
 * the journal.
 *
 * @param logger where `transport_refused` goes
 * @returns a counter at zero
 */
export function refusalLedger(logger: Logger): RefusalLedger {
  const counts: Record<TransportRefusal, number> = {
    TRANSPORT_FRAME_BROKEN: 0,
    TRANSPORT_FRAME_UNDECODABLE: 0,
    TRANSPORT_ENVELOPE_SIGNED: 0,
    TRANSPORT_REQUEST_FLOODED: 0,
    TRANSPORT_REQUEST_CROWDED: 0,
    TRANSPORT_REQUEST_BROKEN: 0,
  };
  return {
    counts: () => ({ ...counts }),
    count: (code, peerId) => {
      counts[code] += 1;
      const isPowerOfTwo = Number.isInteger(Math.log2(counts[code]));
      if (isPowerOfTwo)
        logger.warn("transport_refused", { code, count: counts[code], peerId: peerId ?? null });
    },
  };
}

/**
 * Listens to gossipsub's metrics for what it refuses by itself.
 *
 * @param ledger where the refusals are counted
 * @param onStreamError called when reading a neighbour's stream failed: a broken frame, or a lost connection
 * @returns a register that keeps no metric but these
 */
export function refusalRegister(ledger: RefusalLedger, onStreamError: () => void): MetricsRegister {
  return {
    gauge: ((config: { readonly name: string }) =>
      gaugeFor(config.name, ledger, onStreamError)) as MetricsRegister["gauge"],
    histogram: (() => ({
      startTimer: () => noop,
      observe: noop,
      reset: noop,
    })) as MetricsRegister["histogram"],
    avgMinMax: (() => ({ set: noop })) as MetricsRegister["avgMinMax"],
  };
}

function gaugeFor(name: string, ledger: RefusalLedger, onStreamError: () => void): Gauge {
  const gauge = { inc: noop, set: noop, addCollect: noop };
  switch (name) {
    case STREAM_ERROR_METRIC:
      return { ...gauge, inc: onStreamError };
    case UNDECODABLE_METRIC:
      return { ...gauge, inc: () => ledger.count("TRANSPORT_FRAME_UNDECODABLE") };
    case INVALID_METRIC:
      return {
        ...gauge,
        inc: ((labels: { readonly error?: unknown }) => countInvalid(labels, ledger)) as Gauge["inc"],
      };
    default:
      return gauge;
  }
}

function countInvalid(labels: { readonly error?: unknown }, ledger: RefusalLedger): void {
  if (SIGNED_ERRORS.includes(labels.error)) ledger.count("TRANSPORT_ENVELOPE_SIGNED");
}

function noop(): void {}
