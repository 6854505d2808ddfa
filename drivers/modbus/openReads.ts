/** Reads and writes of every unit of a line that may still be answered; the rules are in lateAnswers.ts. */
import { shapeOf } from "./answerSearch.ts";
import {
  isAmbiguous,
  type OpenReadList,
  probeBefore,
  stillOpen,
  withAnswered,
  withException,
  withSent,
} from "./lateAnswers.ts";
import {
  type AnswerShape,
  isWrite,
  type LineRead,
  type LineRequest,
  readBackOf,
  shapeOfRequest,
} from "./lineRequest.ts";

/** Lives as long as its line; instants are monotonic, in ms. */
export class OpenReads {
  readonly #byUnit = new Map<number, OpenReadList>();

  /** @param unitId asked @param read what is sent now @param untilMs its last hope */
  noteSent(unitId: number, read: AnswerShape, untilMs: number): void {
    this.#byUnit.set(unitId, withSent(this.#of(unitId), read, untilMs));
  }

  /** @param unitId that answered @param shape of its answer */
  noteAnswered(unitId: number, shape: AnswerShape): void {
    this.#byUnit.set(unitId, withAnswered(this.#of(unitId), shape));
  }

  /** @param unitId that refused */
  noteException(unitId: number): void {
    this.#byUnit.set(unitId, withException(this.#of(unitId)));
  }

  /** @param unitId of a frame nobody waits for @param frame whole @param nowMs now @returns true when a read of it was open */
  noteLate(unitId: number, frame: Uint8Array, nowMs: number): boolean {
    const open = stillOpen(this.#of(unitId), nowMs);
    const shape = shapeOf(frame);
    this.#byUnit.set(unitId, shape === null ? withException(open) : withAnswered(open, shape));
    return open.length > 0;
  }

  /** @param unitId to be asked @param next read @param nowMs now @returns true when a late answer could pass for its own */
  isAmbiguous(unitId: number, next: AnswerShape, nowMs: number): boolean {
    const open = stillOpen(this.#of(unitId), nowMs);
    this.#byUnit.set(unitId, open);
    return isAmbiguous(open, next);
  }

  /** @param unitId to be asked @param next ambiguous request @param maxRegistersPerRead of the meter @returns what to ask before it, or null */
  probeBefore(unitId: number, next: LineRequest, maxRegistersPerRead: number): LineRead | null {
    const open = this.#of(unitId);
    if (!isWrite(next)) return probeBefore(next, maxRegistersPerRead, open);
    const back = readBackOf(next);
    return isAmbiguous(open, shapeOfRequest(back)) ? probeBefore(back, maxRegistersPerRead, open) : back;
  }

  #of(unitId: number): OpenReadList {
    return this.#byUnit.get(unitId) ?? [];
  }
}
