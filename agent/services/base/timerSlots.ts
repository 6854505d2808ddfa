/** Named wake-ups of which each name has at most one: setting it again takes the place of the one before. */
import type { Cancel, Clock } from "../../ports/clock.ts";

/** Wake-ups by name. */
export type TimerSlots<Name extends string> = {
  readonly set: (name: Name, delayMs: number, callback: () => void) => void;
  readonly cancel: (name: Name) => void;
  readonly cancelAll: () => void;
};

/** @param clock that wakes up @returns slots, all empty */
export function timerSlots<Name extends string>(clock: Clock): TimerSlots<Name> {
  const cancels = new Map<Name, Cancel>();
  const cancel = (name: Name) => {
    cancels.get(name)?.();
    cancels.delete(name);
  };
  return {
    set: (name, delayMs, callback) => {
      cancel(name);
      cancels.set(name, clock.after(delayMs, callback));
    },
    cancel,
    cancelAll: () => {
      for (const name of [...cancels.keys()]) cancel(name);
    },
  };
}
