/**
 * The kernel's RS-485 mode, for boards whose transceiver is switched by the serial port's own RTS line. Node has no
 * ioctl, so a line of Perl does it: the interpreter of Debian's perl-base, which every Debian system has.
 *
 * @source linux/serial.h (struct serial_rs485), asm-generic/ioctls.h (TIOCSRS485); Debian Policy, section 3.8
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { BareLine } from "../../agent/ports/commissioning.ts";

const run = promisify(execFile);

const TIOCSRS485 = 0x542f;
const FLAG_ENABLED = 1 << 0;
const FLAG_RTS_ON_SEND = 1 << 1;
const FLAG_RTS_AFTER_SEND = 1 << 2;
/** Without waiting for a carrier, and not to become this process's controlling terminal. @source asm-generic/fcntl.h */
const OPEN_FLAGS = 0o2 | 0o400 | 0o4000;
/** The structure is eight numbers of 32 bits: flags, two delays, padding. */
const SCRIPT =
  'my ($path, $mode, $request, $flags) = @ARGV; sysopen(my $tty, $path, $mode) or die "open: $!\\n";' +
  ' my $s = pack("L8", $flags, (0) x 7); ioctl($tty, $request, $s) or die "TIOCSRS485: $!\\n";';
const PERL = "perl";
const LIMIT_MS = 5_000;

/** How the transceiver is switched: level of RTS while sending; the other one while listening. */
export type Rs485Mode = "rts-high" | "rts-low";

/** @param mode as configured @returns the mode of the kernel, or null */
export function rs485ModeOf(mode: BareLine["rs485"]): Rs485Mode | null {
  if (mode === "adapter") return null;
  return mode === "kernel-rts-high" ? "rts-high" : "rts-low";
}

/** @param mode wanted @returns the flags of the kernel's structure; its delays stay zero */
export function rs485Flags(mode: Rs485Mode): number {
  return FLAG_ENABLED | (mode === "rts-high" ? FLAG_RTS_ON_SEND : FLAG_RTS_AFTER_SEND);
}

/**
 * Switches a serial device to RS-485 mode; the kernel keeps it until the device goes away.
 *
 * @param path of the device
 * @param mode wanted
 * @throws Error that says why, above all where the device's driver has no such mode
 */
export async function applyRs485Mode(path: string, mode: Rs485Mode): Promise<void> {
  const numbers = [OPEN_FLAGS, TIOCSRS485, rs485Flags(mode)].map(String);
  try {
    await run(PERL, ["-e", SCRIPT, path, ...numbers], { timeout: LIMIT_MS });
  } catch (cause) {
    throw new Error(`RS-485 mode of the kernel: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const told = typeof cause === "object" && cause !== null ? Reflect.get(cause, "stderr") : undefined;
  const [line = ""] = typeof told === "string" ? told.trim().split("\n") : [];
  return line === "" ? String(cause) : line;
}
