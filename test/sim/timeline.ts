/** The last events of a run, kept raw and written out only when somebody reads them. */
import type { Message } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";

/** Something that happened. */
export type TimelineEvent =
  | { readonly kind: "sent" | "taken" | "lost"; readonly message: Message; readonly to: string }
  | {
      readonly kind: "refused";
      readonly code: string;
      readonly from: string;
      readonly message: Message | null;
    }
  | { readonly kind: "reading"; readonly signed: SignedReading }
  | { readonly kind: "word"; readonly word: string };

const EVENTS_KEPT = 400;

/** A ring of events. */
export class Timeline {
  readonly #events: { readonly atMs: number; readonly who: string; readonly event: TimelineEvent }[] = [];
  #count = 0;

  note(atMs: number, who: string, event: TimelineEvent): void {
    this.#events[this.#count % EVENTS_KEPT] = { atMs, who, event };
    this.#count += 1;
  }

  /** @param last how many at most @returns one line each, oldest first: when, who, what */
  lines(last: number): readonly string[] {
    const kept = Math.min(this.#count, EVENTS_KEPT, last);
    return Array.from({ length: kept }, (_, index) => {
      const { atMs, who, event } = this.#events[(this.#count - kept + index) % EVENTS_KEPT]!;
      return `${(atMs / 1_000).toFixed(3).padStart(10)} s  ${who.padEnd(7)} ${wordsOf(event)}`;
    });
  }
}

/** @param message of the agreement @returns it in a few words */
export function wordsOfMessage(message: Message): string {
  const place = `${message.height}/${message.round}`;
  switch (message.kind) {
    case "proposal":
      return `PROPOSAL ${place} ${short(message.blockHash)}${message.justification === null ? "" : " justified"}`;
    case "prepare":
    case "commit":
      return `${message.kind.toUpperCase()} ${place} ${short(message.blockHash)}`;
    case "round-change":
      return `ROUND_CHANGE ${place}${message.preparedHash === null ? "" : ` prepared ${short(message.preparedHash)} in ${message.preparedRound}`}`;
    default:
      return message satisfies never;
  }
}

function wordsOf(event: TimelineEvent): string {
  switch (event.kind) {
    case "sent":
      return `→ ${event.to}: ${wordsOfMessage(event.message)}`;
    case "lost":
      return `↛ ${event.to}: ${wordsOfMessage(event.message)} lost`;
    case "taken":
      return `← ${event.to}: ${wordsOfMessage(event.message)}`;
    case "refused":
      return `refuses ${event.from}: ${event.code}${event.message === null ? "" : ` ${wordsOfMessage(event.message)}`}`;
    case "reading":
      return `states interval ${event.signed.reading.interval} with sequence ${event.signed.reading.sequence}: ${event.signed.reading.content.kind}`;
    case "word":
      return event.word;
    default:
      return event satisfies never;
  }
}

function short(hash: Hash): string {
  return hash.slice(0, 8);
}
