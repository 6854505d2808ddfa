/**
 * Wraps uvu's suites so that everything they register, run, skip and throw is observed.
 * uvu itself reports none of a throwing hook, a missing `.run()` or an `.only` (lukeed/uvu#60, #80, #191).
 */
import type { Callback, Test } from "uvu";
import type { RecordEvent } from "./testEvents.ts";

type MakeSuite = <T>(name?: string, context?: T) => Test<T>;

/** uvu's two ways to a suite, observed. */
export type CountedSuites = {
  readonly suite: MakeSuite;
  /** Wraps a suite that uvu made itself (its `test` export); it counts from its first use. */
  readonly adopt: <T>(real: Test<T>, name: string) => Test<T>;
};

/** @param makeSuite uvu's `suite` @param record takes each event @returns the same, observed */
export function countSuites(makeSuite: MakeSuite, record: RecordEvent): CountedSuites {
  let suites = 0;
  const announce = (name: string): number => {
    record({ kind: "suite", suite: suites, name });
    return suites++;
  };
  return {
    suite: <T>(name = "", context?: T) => {
      const number = announce(name);
      return countedSuite(makeSuite<T>(name, context), () => number, record);
    },
    adopt: (real, name) => {
      let number: number | undefined;
      const numberOf = (): number => {
        number ??= announce(name);
        return number;
      };
      return countedSuite(real, numberOf, record);
    },
  };
}

function countedSuite<T>(real: Test<T>, numberOf: () => number, record: RecordEvent): Test<T> {
  const register = (name: string, handler: Callback<T>): void => {
    record({ kind: "registered", suite: numberOf(), test: name });
    real(name, countedTest(name, handler, numberOf, record));
  };
  const only = (name: string, handler: Callback<T>): void => {
    record({ kind: "registered", suite: numberOf(), test: name });
    record({ kind: "only", suite: numberOf(), test: name });
    real.only(name, countedTest(name, handler, numberOf, record));
  };
  const skip = (name = ""): void => {
    record({ kind: "skipped", suite: numberOf(), test: name });
    real.skip();
  };
  const run = (): void => {
    record({ kind: "run", suite: numberOf() });
    real.run();
  };
  const hook = (place: "before" | "after"): Test<T>["before"] =>
    Object.assign((handler: Callback<T>) => real[place](countedHook(place, handler, numberOf, record)), {
      each: (handler: Callback<T>) =>
        real[place].each(countedHook(`${place}.each`, handler, numberOf, record)),
    });
  return Object.assign(register, { only, skip, run, before: hook("before"), after: hook("after") });
}

function countedTest<T>(
  test: string,
  handler: Callback<T>,
  numberOf: () => number,
  record: RecordEvent,
): Callback<T> {
  return async (context) => {
    const suite = numberOf();
    record({ kind: "started", suite, test });
    try {
      await handler(context);
    } catch (error) {
      record({ kind: "failed", suite, test });
      throw error;
    }
    record({ kind: "passed", suite, test });
  };
}

function countedHook<T>(
  hook: string,
  handler: Callback<T>,
  numberOf: () => number,
  record: RecordEvent,
): Callback<T> {
  return async (context) => {
    try {
      await handler(context);
    } catch (error) {
      record({ kind: "hookFailed", suite: numberOf(), hook, message: String(error) });
      throw error;
    }
  };
}
