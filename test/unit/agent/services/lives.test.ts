import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../../../agent/adapters/store/storeError.ts";
import { ServiceError } from "../../../../agent/services/base/serviceError.ts";
import { type LifeStart, startLives } from "../../../../agent/services/lives.ts";
import { eventLog } from "../../../support/eventLog.ts";
import { failsWith } from "../../../support/failure.ts";

const test = suite("lives");
const DAMAGED = new StoreError("STORE_DAMAGED", { reason: "planted" });

/** Lives of which each fails to begin with what is listed, until the list is empty. */
function planned(failures: unknown[] = [], hasLedger = true) {
  const told: string[] = [];
  const starts: LifeStart[] = [];
  const logger = eventLog();
  const begin = async (start: LifeStart) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    starts.push(start);
    told.push("begin");
    return async () => void told.push("close");
  };
  const setAside = async () => {
    told.push("set aside");
    return hasLedger ? "ledger.damaged" : null;
  };
  return { told, starts, logger, lives: () => startLives({ begin, setAside, logger }) };
}

/** Everything that can happen without a timer has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("one life is closed when it is stopped", async () => {
  const { lives, told } = planned();
  const running = await lives();
  await running.stop();
  await running.done;
  await running.stop();
  assert.equal(told, ["begin", "close"]);
});

test("a ledger that is damaged at the start is set aside, and the life begins", async () => {
  const { lives, told, logger } = planned([DAMAGED, new ServiceError("LEDGER_DAMAGED")]);
  const running = await lives();
  assert.equal(told, ["set aside", "set aside", "begin"]);
  assert.equal(
    logger.events.map(({ event, fields }) => [event, fields.path]),
    [
      ["ledger.set-aside", "ledger.damaged"],
      ["ledger.set-aside", "ledger.damaged"],
    ],
  );
  await running.stop();
});

test("one that turns out damaged later is set aside once it is closed", async () => {
  const { lives, told, starts } = planned();
  const running = await lives();
  starts[0]?.onFault(DAMAGED);
  starts[0]?.onFault(DAMAGED);
  await settled();
  assert.equal(told, ["begin", "close", "set aside", "begin"]);
  await running.stop();
  assert.is(told.at(-1), "close");
});

test("a new life is told how many before it ended in a failed write", async () => {
  const { lives, told, starts } = planned();
  const running = await lives();
  starts[0]?.onRenew();
  await settled();
  starts[1]?.onRenew();
  await settled();
  assert.equal(told, ["begin", "close", "begin", "close", "begin"]);
  assert.equal(
    starts.map(({ failedLives }) => failedLives),
    [0, 1, 2],
  );
  await running.stop();
});

test("any other failure ends it, everything closed", async () => {
  const { lives, told, starts } = planned();
  const running = await lives();
  starts[0]?.onFault(new ServiceError("LEDGER_CONTRADICTS_OUTBOX"));
  await failsWith(() => running.done, "LEDGER_CONTRADICTS_OUTBOX");
  assert.equal(told, ["begin", "close"]);
  await failsWith(planned([new StoreError("STORE_LOCKED")]).lives, "STORE_LOCKED");
});

test("the fourth damaged ledger of a process ends it, and so does damage without a ledger", async () => {
  const { lives, told } = planned([DAMAGED, DAMAGED, DAMAGED, DAMAGED]);
  await failsWith(lives, "STORE_DAMAGED");
  assert.equal(told, ["set aside", "set aside", "set aside"]);
  await failsWith(planned([DAMAGED], false).lives, "STORE_DAMAGED");
});

test("a stop between two lives is heard", async () => {
  const { lives, told, starts } = planned();
  const running = await lives();
  starts[0]?.onRenew();
  await running.stop();
  await running.done;
  assert.is(told.filter((what) => what === "begin").length, told.filter((what) => what === "close").length);
});

test.run();
