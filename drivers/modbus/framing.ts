/** How a read stands among the bytes of a channel: as an RTU frame, or as a Modbus TCP message. */
import { type AwaitedAnswer, leadingFrame, type SearchResult, searchAnswer } from "./answerSearch.ts";

/** One way of framing; requests and answers are handed over as RTU frames whatever stands on the wire. */
export interface Framing {
  /** True when an answer names its request, so that a late one cannot pass for another's. */
  readonly isNumbered: boolean;
  /** @param request RTU frame @returns what to send */
  wrap(request: Uint8Array): Uint8Array;
  /** @param bytes received since the last request @param awaited answer to it @returns the answer, or what stands in its place */
  search(bytes: Uint8Array, awaited: AwaitedAnswer): SearchResult;
  /** @param bytes received while nothing was asked @returns the whole frame that stands first and what follows it, or null */
  leading(bytes: Uint8Array): { readonly frame: Uint8Array; readonly rest: Uint8Array } | null;
}

/** @returns framing of a serial line, and of RTU passed through TCP */
export function rtuFraming(): Framing {
  return {
    isNumbered: false,
    wrap: (request) => request,
    search: searchAnswer,
    leading: (bytes) => {
      const frame = leadingFrame(bytes);
      return frame === null ? null : { frame, rest: bytes.slice(frame.length) };
    },
  };
}
