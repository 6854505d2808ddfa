/** What can go wrong inside a simulated meter: its answers are sound, its registers are not. */
import type { MeterDefinition } from "../definition.ts";
import type { WordOrder } from "../register.ts";
import type { CounterState } from "./energyCounter.ts";

/** How a meter's registers misbehave from an instant on; `none` is a meter in order. */
export type RegisterFault =
  | { readonly kind: "none" }
  /** The counters stand still, though power flows. */
  | { readonly kind: "stuck-counter" }
  /** The counters began again from zero. */
  | { readonly kind: "reset" }
  /** The counters begin again from zero whenever they reach this. */
  | { readonly kind: "rollover"; readonly atWh: bigint }
  /** The words of every value come in the other order. */
  | { readonly kind: "swapped-words" };

const MILLI_WH_PER_WH = 1000n;
const OTHER_ORDER: Readonly<Record<WordOrder, WordOrder>> = {
  "most-significant-first": "least-significant-first",
  "least-significant-first": "most-significant-first",
};

/**
 * @param state of a meter in order, now
 * @param fault of the meter
 * @param since state at the instant the fault began
 * @returns what its registers show
 */
export function faultyState(state: CounterState, fault: RegisterFault, since: CounterState): CounterState {
  switch (fault.kind) {
    case "none":
    case "swapped-words":
      return state;
    case "stuck-counter":
      return { ...state, importMilliWh: since.importMilliWh, exportMilliWh: since.exportMilliWh };
    case "reset":
      return {
        ...state,
        importMilliWh: state.importMilliWh - since.importMilliWh,
        exportMilliWh: state.exportMilliWh - since.exportMilliWh,
      };
    case "rollover": {
      const modulus = fault.atWh * MILLI_WH_PER_WH;
      return {
        ...state,
        importMilliWh: state.importMilliWh % modulus,
        exportMilliWh: state.exportMilliWh % modulus,
      };
    }
    default:
      return fault satisfies never;
  }
}

/** @param definition of the meter @param fault of it @returns the definition its registers follow */
export function faultyDefinition(definition: MeterDefinition, fault: RegisterFault): MeterDefinition {
  if (fault.kind !== "swapped-words") return definition;
  return { ...definition, wordOrder: OTHER_ORDER[definition.wordOrder] };
}
