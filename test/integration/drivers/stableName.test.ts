/** Names of adapters in a directory laid out like /dev. */
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isSameDevice, stableName } from "../../../drivers/modbus/stableName.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const ID = "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0";

const test = suite("drivers/modbus/stableName");

test("a kernel's name is replaced by the link that tells the adapter's identity", () =>
  withDevices(async (at) => {
    assert.is(await stableName(at("ttyUSB0"), at("serial")), at(`serial/by-id/${ID}`));
  }));

test("a link is kept as it is, though it leads nowhere at the moment", () =>
  withDevices(async (at) => {
    const link = at(`serial/by-id/${ID}`);
    assert.is(await stableName(link, at("serial")), link);
    await rm(at("ttyUSB0"));
    assert.is(await stableName(link, at("serial")), link);
  }));

test("where two adapters share one identity the socket they are in tells them apart", () =>
  withDevices(async (at) => {
    await writeFile(at("ttyUSB1"), "");
    await symlink(at("ttyUSB1"), at("serial/by-path/pci-2"));
    assert.is(await stableName(at("ttyUSB0"), at("serial")), at("serial/by-path/pci-1"));
    assert.is(await stableName(at("ttyUSB1"), at("serial")), at("serial/by-path/pci-2"));
  }));

test("two links by socket to one device are no second adapter", () =>
  withDevices(async (at) => {
    await symlink(at("ttyUSB0"), at("serial/by-path/pci-usbv2-1"));
    assert.is(await stableName(at("ttyUSB0"), at("serial")), at(`serial/by-id/${ID}`));
  }));

test("a device without links keeps its name, as do all where there are no links", () =>
  withDevices(async (at) => {
    await writeFile(at("ttyAMA0"), "");
    assert.is(await stableName(at("ttyAMA0"), at("serial")), at("ttyAMA0"));
    assert.is(await stableName(at("ttyUSB0"), at("nothing")), at("ttyUSB0"));
    assert.is(await stableName(at("ttyUSB9"), at("serial")), at("ttyUSB9"));
  }));

test("two names of one device are the same, two devices are not, and what is not there is itself only", () =>
  withDevices(async (at) => {
    await writeFile(at("ttyUSB1"), "");
    assert.ok(await isSameDevice(at("ttyUSB0"), at(`serial/by-id/${ID}`)));
    assert.not.ok(await isSameDevice(at("ttyUSB0"), at("ttyUSB1")));
    assert.not.ok(await isSameDevice(at("ttyUSB8"), at("ttyUSB9")));
    assert.ok(await isSameDevice("tcp://meter:502", "tcp://meter:502"));
  }));

test.run();

/** One adapter, ttyUSB0, with both of its links. */
function withDevices(act: (at: (name: string) => string) => Promise<void>): Promise<void> {
  return withTemporaryDirectory(async (directory) => {
    const at = (name: string): string => join(directory, name);
    await mkdir(at("serial/by-id"), { recursive: true });
    await mkdir(at("serial/by-path"), { recursive: true });
    await writeFile(at("ttyUSB0"), "");
    await symlink(at("ttyUSB0"), at(`serial/by-id/${ID}`));
    await symlink(at("ttyUSB0"), at("serial/by-path/pci-1"));
    await act(at);
  });
}
