/** What can be written in a simulated device: holding registers and coils, with the dead-man of an inverter. */
import type { UnixMs } from "../../agent/core/units.ts";
import type { LineRead, LineWrite } from "../modbus/lineRequest.ts";
import type { ExceptionCode } from "./registerBank.ts";

/** The device lifts its limit by itself: this long after the last write the enabling register becomes 0. */
export type SimulatedRevert = {
  /** Register of seconds; 0 never reverts. */
  readonly revertTime: number;
  readonly enable: number;
};

/** What is there at the start. */
export type WritableSpaceOptions = {
  /** Words by address. */
  readonly registers?: ReadonlyMap<number, number>;
  readonly coils?: ReadonlyMap<number, boolean>;
  readonly revert?: SimulatedRevert;
  /** Told after each write that was taken. */
  readonly onWrite?: (nowMs: UnixMs) => void;
};

/** Outcome of a request: words, or the refusal. */
export type SpaceAnswer =
  | { readonly kind: "registers"; readonly words: readonly number[] }
  | { readonly kind: "written" }
  | { readonly kind: "exception"; readonly code: ExceptionCode };

const ADDRESS_REFUSED: SpaceAnswer = { kind: "exception", code: 2 };

/** Keeps what it was told, and everything it was told, in order. */
export class WritableSpace {
  readonly #registers: Map<number, number>;
  readonly #coils: Map<number, boolean>;
  readonly #revert: SimulatedRevert | null;
  readonly #writes: LineWrite[] = [];
  readonly #onWrite: (nowMs: UnixMs) => void;
  #writtenAtMs = 0;

  constructor({ registers, coils, revert, onWrite }: WritableSpaceOptions) {
    this.#registers = new Map(registers);
    this.#coils = new Map(coils);
    this.#revert = revert ?? null;
    this.#onWrite = onWrite ?? (() => {});
  }

  /** Every write it took, in order. */
  get writes(): readonly LineWrite[] {
    return this.#writes;
  }

  /** @param read of registers or coils @param nowMs now @returns what stands there; null when nothing of it is in this space */
  read({ table, address, count }: LineRead, nowMs: UnixMs): SpaceAnswer | null {
    this.#revertWhenDue(nowMs);
    if (table === "input") return null;
    const values: ReadonlyMap<number, number | boolean> = table === "coil" ? this.#coils : this.#registers;
    const found = Array.from({ length: count }, (_, index) => values.get(address + index));
    if (found.every((value) => value === undefined)) return table === "coil" ? ADDRESS_REFUSED : null;
    if (found.includes(undefined)) return ADDRESS_REFUSED;
    return { kind: "registers", words: found.map(Number) };
  }

  /** @param write asked for @param nowMs now @returns whether it was taken */
  write(write: LineWrite, nowMs: UnixMs): SpaceAnswer {
    this.#revertWhenDue(nowMs);
    const { address } = write;
    if (write.kind === "coil") {
      if (!this.#coils.has(address)) return ADDRESS_REFUSED;
      this.#coils.set(address, write.isOn);
    } else {
      if (write.words.some((_, index) => !this.#registers.has(address + index))) return ADDRESS_REFUSED;
      for (const [index, word] of write.words.entries()) this.#registers.set(address + index, word);
    }
    this.#writes.push(write);
    this.#writtenAtMs = nowMs;
    this.#onWrite(nowMs);
    return { kind: "written" };
  }

  #revertWhenDue(nowMs: UnixMs): void {
    if (this.#revert === null) return;
    const holdS = this.#registers.get(this.#revert.revertTime) ?? 0;
    if (holdS > 0 && nowMs >= this.#writtenAtMs + holdS * 1000) this.#registers.set(this.#revert.enable, 0);
  }
}
