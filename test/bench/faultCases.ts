/** Every fault that the simulator knows, as something that is switched on and off. */
import type { Fault } from "../../drivers/simulator/fault.ts";
import type { RegisterFault } from "../../drivers/simulator/registerFault.ts";
import type { SimulatedLine } from "../../drivers/simulator/simulatedLine.ts";

/** One fault of one meter, or of the whole line. */
export type FaultCase = {
  readonly name: string;
  /** True: every meter of the line has it. */
  readonly isOfLine: boolean;
  /** True: the answers are sound, the registers are not; then intervals are judged instead of samples. */
  readonly isOfRegisters: boolean;
  begin(line: SimulatedLine, unitId: number): void | Promise<void>;
  end(line: SimulatedLine, unitId: number): void | Promise<void>;
};

/** Speaks between the true answers: later than any time limit of the rig that uses it. */
export type Lateness = { readonly lateByMs: number };

/** @param lateness of a late answer @returns every case */
export function faultCases({ lateByMs }: Lateness): readonly FaultCase[] {
  const onWire: readonly Fault[] = [
    { kind: "late", byMs: lateByMs },
    { kind: "noise" },
    { kind: "trailing" },
    { kind: "bad-crc" },
    { kind: "spoiled" },
    { kind: "wrong-unit", unitId: 99 },
    { kind: "truncated" },
    { kind: "byte-by-byte", pauseMs: 2 },
    { kind: "silent" },
    { kind: "exception", code: 4 },
  ];
  const inRegisters: readonly RegisterFault[] = [
    { kind: "stuck-counter" },
    { kind: "reset" },
    { kind: "rollover", atWh: 1_000_000n },
    { kind: "swapped-words" },
  ];
  return [...onWire.map(wireCase), ECHO, UNPLUGGED, ...inRegisters.map(registerCase)];
}

const ECHO: FaultCase = {
  name: "echo",
  isOfLine: true,
  isOfRegisters: false,
  begin: (line) => line.setEcho(true),
  end: (line) => line.setEcho(false),
};

const UNPLUGGED: FaultCase = {
  name: "unplugged",
  isOfLine: true,
  isOfRegisters: false,
  begin: (line) => line.unplug(),
  end: (line) => line.replug("ttyUSB1"),
};

function wireCase(fault: Fault): FaultCase {
  return {
    name: fault.kind,
    isOfLine: false,
    isOfRegisters: false,
    begin: (line, unitId) => line.setFault(unitId, fault),
    end: (line, unitId) => line.setFault(unitId, { kind: "none" }),
  };
}

function registerCase(fault: RegisterFault): FaultCase {
  return {
    name: fault.kind,
    isOfLine: false,
    isOfRegisters: true,
    begin: (line, unitId) => line.setRegisterFault(unitId, fault),
    end: (line, unitId) => line.setRegisterFault(unitId, { kind: "none" }),
  };
}
