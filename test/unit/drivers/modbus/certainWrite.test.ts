import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DriverError, type DriverErrorCode } from "../../../../drivers/driverError.ts";
import { writeCertainly } from "../../../../drivers/modbus/certainWrite.ts";
import { failsWith } from "../../../support/failure.ts";

const test = suite("drivers/modbus/certainWrite");

test("an acknowledged write is neither repeated nor read back", async () => {
  const { steps, acts } = device(["ok"], []);
  assert.is(await writeCertainly(steps), "acknowledged");
  assert.equal(acts, ["send"]);
});

test("a write whose answer was lost is not sent again when the device shows it", async () => {
  const { steps, acts } = device(["DRIVER_TIMEOUT"], ["shown"]);
  assert.is(await writeCertainly(steps), "shown");
  assert.equal(acts, ["send", "read"]);
});

test("a write is sent again only after the device has shown something else", async () => {
  const { steps, acts } = device(["DRIVER_CRC", "ok"], [null]);
  assert.is(await writeCertainly(steps), "acknowledged");
  assert.equal(acts, ["send", "read", "send"]);
});

test("a device that cannot be read back gets no second write, and the failure is the write's", async () => {
  const { steps, acts } = device(["DRIVER_TIMEOUT", "ok"], ["DRIVER_EXCEPTION"]);
  await failsWith(() => writeCertainly(steps), "DRIVER_TIMEOUT");
  assert.equal(acts, ["send", "read"]);
});

test("the last attempt is read back, too", async () => {
  const { steps, acts } = device(["DRIVER_TIMEOUT", "DRIVER_BAD_ANSWER"], [null, null]);
  await failsWith(() => writeCertainly(steps), "DRIVER_BAD_ANSWER");
  assert.equal(acts, ["send", "read", "send", "read"]);
});

for (const code of ["DRIVER_EXCEPTION", "DRIVER_PORT_GONE"] as const)
  test(`${code} is final: nothing is read back`, async () => {
    const { steps, acts } = device([code], []);
    await failsWith(() => writeCertainly(steps), code);
    assert.equal(acts, ["send"]);
  });

test.run();

/** Two attempts; each act takes its outcome from the front of its list. */
function device(
  sends: ("ok" | DriverErrorCode)[],
  reads: ("shown" | null | DriverErrorCode)[],
): { steps: Parameters<typeof writeCertainly<string>>[0]; acts: string[] } {
  const acts: string[] = [];
  const steps = {
    attempts: 2,
    send: async () => {
      acts.push("send");
      const outcome = sends.shift() ?? "DRIVER_UNEXPECTED";
      if (outcome !== "ok") throw new DriverError(outcome, {});
      return "acknowledged";
    },
    readBack: async () => {
      acts.push("read");
      const outcome = reads.shift() ?? null;
      if (outcome !== null && outcome !== "shown") throw new DriverError(outcome, {});
      return outcome;
    },
  };
  return { steps, acts };
}
