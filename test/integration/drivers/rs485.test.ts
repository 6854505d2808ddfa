/**
 * The kernel's RS-485 mode: what is asked of the kernel is what its headers say, and a device whose driver has no such
 * mode is refused with a reason. That a transceiver is really switched needs a board.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openLine } from "../../../drivers/meter.ts";
import { rs485Flags } from "../../../drivers/modbus/rs485.ts";
import { SimulatedTty } from "../../../drivers/simulator/simulatedTty.ts";
import { failsWith } from "../../support/failure.ts";
import { leaveOut } from "../../support/leaveOut.ts";
import { SETTINGS, systemNowMs } from "../../support/simulatedLine.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const run = promisify(execFile);

/** Shows what the kernel would be handed: it stands in for ioctl(2) in the interpreter that calls it. */
const SPY = `
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <linux/serial.h>
#include <asm/ioctls.h>
int ioctl(int fd, unsigned long request, ...) {
  va_list list; va_start(list, request); void *argument = va_arg(list, void *); va_end(list);
  if (request != TIOCSRS485) return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, argument);
  struct serial_rs485 *mode = argument;
  fprintf(stderr, "SPY flags %u before %u after %u size %zu\\n", mode->flags, mode->delay_rts_before_send,
    mode->delay_rts_after_send, sizeof *mode);
  return -1;
}
`;

const test = suite("drivers/modbus/rs485");

test("a device whose driver has no RS-485 mode is refused, with the way out", async () => {
  const tty = await SimulatedTty.open(() => {});
  const options = { ...SETTINGS, path: tty.path, nowMs: systemNowMs, onEvent: () => {} };
  const error = await failsWith(() => openLine({ ...options, rs485: "kernel-rts-high" }), "DRIVER_PORT_OPEN");
  assert.match(String(error.detail.why), /RS-485 mode of the kernel: TIOCSRS485: Inappropriate ioctl/);
  assert.is(error.detail.hint, "the driver of this port has no RS-485 mode: set rs485 to adapter");
  await (await openLine(options)).close();
  await tty.close();
});

test("a device that is not there is told as such", async () => {
  const options = { ...SETTINGS, path: "/nonexistent/tty", nowMs: systemNowMs, onEvent: () => {} };
  const error = await failsWith(() => openLine({ ...options, rs485: "kernel-rts-low" }), "DRIVER_PORT_OPEN");
  assert.is(error.detail.hint, "adapter not plugged in, or another path");
});

test("one level of RTS while sending, the other while listening", () => {
  // SER_RS485_ENABLED 1, SER_RS485_RTS_ON_SEND 2, SER_RS485_RTS_AFTER_SEND 4 of linux/serial.h.
  assert.equal([rs485Flags("rts-high"), rs485Flags("rts-low")], [3, 5]);
});

const hasCompiler = await run("gcc", ["--version"]).then(
  () => true,
  () => false,
);
if (hasCompiler) test("what reaches the kernel is the structure of its own header", seenByKernel);
else
  leaveOut(
    "the kernel's view of the RS-485 mode",
    "missing gcc; install with: apt-get install gcc libc6-dev",
  );

test.run();

async function seenByKernel(): Promise<void> {
  const tty = await SimulatedTty.open(() => {});
  await withTemporaryDirectory(async (directory) => {
    const [source, library] = [join(directory, "spy.c"), join(directory, "spy.so")];
    await writeFile(source, `#define _GNU_SOURCE\n${SPY}`);
    await run("gcc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]);
    const before = process.env.LD_PRELOAD;
    process.env.LD_PRELOAD = library;
    const options = { ...SETTINGS, path: tty.path, nowMs: systemNowMs, onEvent: () => {} };
    const error = await failsWith(
      () => openLine({ ...options, rs485: "kernel-rts-low" }),
      "DRIVER_PORT_OPEN",
    );
    if (before === undefined) delete process.env.LD_PRELOAD;
    else process.env.LD_PRELOAD = before;
    assert.match(String(error.detail.why), "SPY flags 5 before 0 after 0 size 32");
  });
  await tty.close();
}
