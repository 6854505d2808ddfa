import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readChaosOptions, UsageError } from "../../chaos/options.ts";

const options = suite("options of the chaos run");

options("default to seven gateways for ten minutes, two down at most, three times all", () => {
  const { seed, ...rest } = readChaosOptions([]);
  assert.match(seed, /^\d+$/);
  assert.equal(rest, {
    gateways: 7,
    minutes: 10,
    intervalSeconds: 5,
    downMost: 2,
    allAtOnce: 3,
    isRestartTogether: false,
    blocksAway: 60,
    blocksPrepared: 0,
    isAwayAlone: false,
    isJson: false,
    dataDir: null,
  });
});

options("default to intervals of 2 s when all are restarted together", () => {
  assert.is(readChaosOptions(["--restart-together"]).intervalSeconds, 2);
  assert.is(readChaosOptions(["--restart-together", "--interval-seconds", "3"]).intervalSeconds, 3);
});

options("prepare a month of quarters of an hour, or as many blocks as are asked for", () => {
  const prepared = (...more: readonly string[]) => {
    const { blocksPrepared, isAwayAlone } = readChaosOptions(["--restart-together", ...more]);
    return [blocksPrepared, isAwayAlone];
  };
  assert.equal(prepared("--month"), [2_976, false]);
  assert.equal(prepared("--month", "--away-alone"), [2_976, true]);
  assert.equal(prepared("--blocks-prepared", "40"), [40, false]);
});

for (const argv of [
  ["--gateways", "1"],
  ["--gateways", "many"],
  ["--minutes", "0"],
  ["--interval-seconds", "7"],
  ["--down-most", "7"],
  ["--month"],
  ["--blocks-prepared", "40"],
  ["--restart-together", "--blocks-prepared", "9"],
  ["--restart-together", "--away-alone"],
  ["--unknown"],
  ["stray"],
]) {
  options(`refuse ${argv.join(" ")}`, () => {
    assert.throws(
      () => readChaosOptions(argv),
      (error: unknown) => error instanceof UsageError,
    );
  });
}

options.run();
