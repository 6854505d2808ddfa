/** `edso meter monitor` and `edso meter read --repeat`: what goes on until it is told to stop. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CliDependencies, LineTarget, OpenLineOptions } from "../../../../agent/cli/dependencies.ts";
import { unixMs } from "../../../../agent/core/units.ts";
import type { WireFrame } from "../../../../agent/ports/commissioning.ts";
import type { MeterReadOut } from "../../../../agent/ports/meter.ts";
import { DriverError } from "../../../../drivers/driverError.ts";
import { edso, linesThatRead } from "../../../support/cliWorld.ts";

const METER = ["--port", "/dev/ttyUSB0", "--definition", "sdm630", "--unit", "2"];
const FRAME: WireFrame = {
  direction: "received",
  bytes: Uint8Array.of(2, 4),
  atMs: 1_234,
  says: "unit 2 answers",
};
const READ_OUT: MeterReadOut = {
  takenAtMs: unixMs(Date.UTC(2026, 0, 1)),
  values: [{ quantity: "frequency", value: 50, unit: "Hz", obis: null }],
  meterSerial: null,
  frames: [],
};

const test = suite("edso meter monitor");

test("tells each read-out, with what became of the requests so far, until Ctrl-C", async () => {
  const interrupt = onRead(2);
  const run = await edso(["meter", "monitor", ...METER, "--every", "1"], interrupt.overrides);
  assert.is(run.exit, 0, run.error);
  assert.is(run.out.match(/unit 2 sdm630: 1 values in \d+ ms \(so far ok 7, late 1\)\n/g)?.length, 2);
});

test("a meter that fails is told by its code, and goes on being asked", async () => {
  const failing = new DriverError("DRIVER_TIMEOUT");
  const run = await edso(["meter", "monitor", ...METER, "--every", "1"], onRead(2, failing).overrides);
  assert.is(run.exit, 0, run.error);
  assert.is(run.out.match(/unit 2 sdm630: DRIVER_TIMEOUT in/g)?.length, 2);
});

test("shows the frames only with --raw", async () => {
  const quiet = await edso(["meter", "monitor", ...METER], onRead(1).overrides);
  assert.not.match(quiet.out, "02 04");
  const raw = await edso(["meter", "monitor", ...METER, "--raw"], onRead(1).overrides);
  assert.match(raw.out, "      1.234 s < 02 04  unit 2 answers\n");
});

test("tells frames and read-outs as lines of JSON", async () => {
  const run = await edso(["meter", "monitor", ...METER, "--raw", "--json"], onRead(1).overrides);
  const [frame, readOut] = run.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(frame, {
    schema: "edso.wire-frame/1",
    direction: "received",
    hex: "0204",
    says: "unit 2 answers",
    atMs: 1234,
  });
  assert.equal([readOut.schema, readOut.result, readOut.values], ["edso.meter-monitor/1", "ok", 1]);
});

test("listens without asking anybody", async () => {
  let interrupt = (): void => {};
  const opened: LineTarget[] = [];
  const run = await edso(["meter", "monitor", "--listen", "--port", "/dev/ttyUSB0", "--baud", "2400"], {
    onListen: (signal) => {
      interrupt = () => signal("SIGINT");
    },
    openLine: async (line, { onFrame }) => {
      opened.push(line);
      onFrame?.(FRAME);
      setImmediate(interrupt);
      return {
        readOut: () => Promise.reject(new Error("nobody was to be asked")),
        counters: counted,
        close: async () => {},
      };
    },
  });
  assert.equal([run.exit, opened[0]?.baudRate], [0, 2400], run.error);
  assert.match(run.out, "02 04  unit 2 answers");
});

test("does not listen to nothing", async () => {
  assert.is((await edso(["meter", "monitor", "--listen"])).exit, 64);
});

test.run();

const repeat = suite("edso meter read --repeat");

repeat("reads as often as asked", async () => {
  let reads = 0;
  const openLine = linesThatRead(async () => {
    reads++;
    return READ_OUT;
  });
  const run = await edso(["meter", "read", ...METER, "--repeat", "2", "--every", "1", "--json"], {
    openLine,
  });
  assert.equal([run.exit, reads, run.out.trim().split("\n").length], [0, 2, 2]);
});

repeat("goes on after a failure and ends with the last round's", async () => {
  let reads = 0;
  const openLine = linesThatRead(async () => {
    reads++;
    if (reads === 1) throw new DriverError("DRIVER_TIMEOUT");
    return READ_OUT;
  });
  const run = await edso(["meter", "read", ...METER, "--repeat", "2", "--every", "1"], { openLine });
  assert.equal([run.exit, reads], [0, 2]);
  assert.match(run.error, "METER_UNREADABLE");
});

repeat("without a count it reads until Ctrl-C", async () => {
  const run = await edso(["meter", "read", ...METER, "--repeat", "--every", "1"], onRead(2).overrides);
  assert.is(run.exit, 0, run.error);
  assert.is(run.out.match(/frequency +50/g)?.length, 2);
});

repeat("opens the line once and closes it", async () => {
  const calls: string[] = [];
  const openLine: CliDependencies["openLine"] = async () => {
    calls.push("open");
    return { readOut: async () => READ_OUT, counters: counted, close: async () => void calls.push("close") };
  };
  await edso(["meter", "read", ...METER, "--repeat", "2", "--every", "1"], { openLine });
  assert.equal(calls, ["open", "close"]);
});

repeat.run();

/** A line that is interrupted while it is read for the given time. */
function onRead(reads: number, failure?: Error) {
  let interrupt = (): void => {};
  let done = 0;
  const openLine = async (_line: LineTarget, { onFrame }: OpenLineOptions) => ({
    readOut: async () => {
      done++;
      onFrame?.(FRAME);
      if (done === reads) interrupt();
      if (failure !== undefined) throw failure;
      return READ_OUT;
    },
    counters: counted,
    close: async () => {},
  });
  const onListen = (signal: (name: "SIGINT") => void): void => {
    interrupt = () => signal("SIGINT");
  };
  return { overrides: { openLine, onListen } };
}

function counted() {
  return { ok: 7, timeout: 0, crc: 0, wrongUnit: 0, exception: 0, late: 1, echo: 0 };
}
