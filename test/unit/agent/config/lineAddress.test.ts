/** Where a line may be: the configuration takes exactly what the drivers understand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isLineAddress } from "../../../../agent/config/lineAddress.ts";
import { faultsOf, HEAD, LINES, parse, place } from "../../../support/configText.ts";
import { LINE_ADDRESSES, NO_LINE_ADDRESSES } from "../../../support/lineAddresses.ts";

const test = suite("config/lineAddress");

test("takes what the drivers understand", () => {
  for (const [text] of LINE_ADDRESSES) assert.ok(isLineAddress(text), text);
});

test("refuses what they do not", () => {
  for (const text of NO_LINE_ADDRESSES) assert.not.ok(isLineAddress(text), text);
});

test("an address stays as it is, a path is resolved against the file", () => {
  const portOf = (port: string) => parse(HEAD + LINES.replace("/dev/ttyUSB0", port)).lines[0]?.port;
  assert.is(portOf("tcp://em24.lan:502"), "tcp://em24.lan:502");
  assert.is(portOf("rtu+tcp://10.0.0.7:4196"), "rtu+tcp://10.0.0.7:4196");
  assert.is(portOf("ttys/line1"), "/etc/edso/ttys/line1");
});

test("an unsound address is named with its place and what to write", () => {
  const [fault] = faultsOf(HEAD + LINES.replace("/dev/ttyUSB0", "udp://meter:502"));
  assert.is(fault && place(fault), "4:11 lines[0].port CONFIG_FORM");
  assert.match(fault?.fix ?? "", "tcp://host:502");
});

test("who switches the transceiver is one of three", () => {
  const withRs485 = (by: string) => HEAD + LINES.replace("    meters:", `    rs485: ${by}\n    meters:`);
  assert.is(parse(withRs485("kernel-rts-low")).lines[0]?.rs485, "kernel-rts-low");
  assert.is(faultsOf(withRs485("kernel"))[0]?.code, "CONFIG_CHOICE");
});

test.run();
