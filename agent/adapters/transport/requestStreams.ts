/**
 * Requests over libp2p streams: one stream, one request, one answer, each as four bytes of length and then as many
 * bytes. Everything is bounded: length, time, streams of a connection, requests of a gateway, answers altogether.
 *
 * @source docs/protocol.md, "What gossip lost"
 */
import type { Connection, Stream, StreamMessageEvent } from "@libp2p/interface";
import type { Clock } from "../../ports/clock.ts";
import type { RequestHandler, RequestLimits } from "../../ports/transport.ts";
import { type AnswerRoom, answerRoom } from "./answerRoom.ts";
import { framed, frameTaker, LENGTH_BYTES } from "./frame.ts";
import { MAX_ANSWERS_BYTES } from "./limits.ts";
import type { RefusalLedger } from "./refusals.ts";
import { type RequestGate, requestGate } from "./requestGate.ts";
import { TransportError } from "./transportError.ts";

/** Protocol id of the streams. */
export const SYNC_PROTOCOL = "/edso/sync/1";
/** Streams of this protocol on one connection, each way. */
export const MAX_REQUEST_STREAMS = 2;
/** Longest request in bytes. */
export const MAX_REQUEST_BYTES = 16_384;

/** How long a gateway may take to send its request and to take the answer. */
const SERVE_TIMEOUT_MS = 15_000;

/** What they are made of. */
export type RequestStreamsOptions = {
  readonly clock: Clock;
  readonly refusals: RefusalLedger;
  readonly maxAnswerBytes: number;
  /** Told of a handler that threw: a bug of ours. */
  readonly onFault: (error: unknown) => void;
};

/** Both ends of the request streams of one gateway. */
export class RequestStreams {
  readonly #options: RequestStreamsOptions;
  readonly #gate: RequestGate;
  readonly #room: AnswerRoom = answerRoom(MAX_ANSWERS_BYTES);
  #handler: RequestHandler | null = null;

  constructor(options: RequestStreamsOptions) {
    this.#options = options;
    this.#gate = requestGate(options.clock);
  }

  /** @param handler of requests from now on; null refuses them */
  serve(handler: RequestHandler | null): void {
    this.#handler = handler;
  }

  /** Asks over an open connection. @throws TransportError as {@link Transport.request} */
  async request(connection: Connection, bytes: Uint8Array, limits: RequestLimits): Promise<Uint8Array> {
    const { clock } = this.#options;
    const maxBytes = Math.min(limits.maxAnswerBytes, this.#options.maxAnswerBytes);
    const { timeoutMs } = limits;
    const abort = new AbortController();
    const cancel = clock.after(timeoutMs, () =>
      abort.abort(new TransportError("TRANSPORT_TIMEOUT", { timeoutMs })),
    );
    let stream: Stream | undefined;
    try {
      stream = await connection.newStream(SYNC_PROTOCOL, { signal: abort.signal });
      abortWith(stream, abort.signal);
      stream.send(framed(bytes));
      const answer = await readFrame(stream, maxBytes);
      closeSoon(stream);
      return answer;
    } catch (cause) {
      const failure = failureOf(cause, abort.signal);
      stream?.abort(failure);
      throw failure;
    } finally {
      cancel();
    }
  }

  /** Answers one stream that another gateway opened. */
  async answer(stream: Stream, peerId: string): Promise<void> {
    const { clock, refusals } = this.#options;
    if (!this.#gate.admits(peerId)) {
      refusals.count("TRANSPORT_REQUEST_FLOODED", peerId);
      return stream.abort(new Error("too many requests"));
    }
    const cancel = clock.after(SERVE_TIMEOUT_MS, () => stream.abort(new Error("too slow")));
    try {
      const request = await readFrame(stream, MAX_REQUEST_BYTES);
      await this.#give(stream, peerId, request);
    } catch (cause) {
      refusals.count("TRANSPORT_REQUEST_BROKEN", peerId);
      stream.abort(cause instanceof Error ? cause : new Error(String(cause)));
    } finally {
      cancel();
    }
  }

  /** Has room for the longest answer before one is made, and for this one until it is taken. */
  async #give(stream: Stream, peerId: string, request: Uint8Array): Promise<void> {
    const place = this.#room.take(this.#options.maxAnswerBytes);
    if (place === null) {
      this.#options.refusals.count("TRANSPORT_REQUEST_CROWDED", peerId);
      return stream.abort(new Error("too many answers"));
    }
    try {
      const frame = await this.#ask(request, peerId);
      if (frame === null) return stream.abort(new Error("refused"));
      place.shrinkTo(frame.length - LENGTH_BYTES);
      stream.send(frame);
      await stream.close();
    } finally {
      place.shrinkTo(0);
    }
  }

  /** @returns the answer as it goes over the stream: nobody keeps a second copy while it waits */
  async #ask(bytes: Uint8Array, peerId: string): Promise<Uint8Array | null> {
    const { maxAnswerBytes, onFault } = this.#options;
    try {
      const answer = (await this.#handler?.({ peerId, bytes })) ?? null;
      if (answer !== null && answer.length > maxAnswerBytes)
        throw new TransportError("TRANSPORT_TOO_LONG", { bytes: answer.length, limitBytes: maxAnswerBytes });
      return answer === null ? null : framed(answer);
    } catch (error) {
      onFault(error);
      return null;
    }
  }
}

/** Reads one frame and not a byte more: whoever sends more than was announced is cut off. */
function readFrame(stream: Stream, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const take = frameTaker(maxBytes);
    const fail = (error: unknown) => {
      stream.removeEventListener("message", onMessage);
      reject(error);
    };
    const onMessage = ({ data }: StreamMessageEvent) => {
      try {
        const frame = take(data.subarray());
        if (frame === null) return;
        stream.removeEventListener("message", onMessage);
        resolve(frame);
      } catch (error) {
        fail(error);
      }
    };
    const end = (error?: Error) =>
      fail(error ?? new TransportError("TRANSPORT_UNANSWERED", { reason: "ended within the frame" }));
    stream.addEventListener("message", onMessage);
    stream.addEventListener("remoteCloseWrite", () => end());
    stream.addEventListener("close", ({ error }) => end(error));
    // The other side may have ended before anybody listened; what it sent until then is told of first.
    queueMicrotask(() => {
      if (stream.status !== "open" || stream.remoteWriteStatus === "closed") end();
    });
  });
}

function abortWith(stream: Stream, signal: AbortSignal): void {
  signal.addEventListener("abort", () => stream.abort(signal.reason as Error), { once: true });
}

/** Closes without waiting: whether the other side takes note is no matter of ours. */
function closeSoon(stream: Stream): void {
  stream
    .close({ signal: AbortSignal.timeout(SERVE_TIMEOUT_MS) })
    .catch((error: Error) => stream.abort(error));
}

function failureOf(cause: unknown, signal: AbortSignal): TransportError {
  if (signal.reason instanceof TransportError) return signal.reason;
  if (cause instanceof TransportError) return cause;
  return new TransportError("TRANSPORT_UNANSWERED", {}, cause);
}
