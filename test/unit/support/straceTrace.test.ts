/** Lines of strace(1), written by hand after its manual, and what is read from them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readTrace } from "../../support/straceTrace.ts";

const trace = suite("strace trace");

const hex = (text: string) =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const read = (...lines: readonly string[]) =>
  readTrace(lines.join("\n")).map(({ bytes, ...event }) => ({ ...event, bytes: bytes.toString() }));

trace("a call on one line begins and ends there", () => {
  assert.equal(read(`12 pwrite64(21<${hex("/d/votes.journal")}>, "${hex("ab")}", 2, 64) = 2`), [
    {
      call: "pwrite64",
      target: "/d/votes.journal",
      descriptor: 21,
      beganAt: 0,
      endedAt: 0,
      result: 2,
      bytes: "ab",
    },
  ]);
});

trace("a call that another thread interrupts ends where it is resumed", () => {
  const events = read(
    `12 fdatasync(21<${hex("/d/votes.journal")}> <unfinished ...>`,
    `13 write(30<${hex("socket:[9]")}>, "${hex("xy")}", 2) = 2`,
    "12 <... fdatasync resumed>) = 0",
  );
  assert.equal(
    events.map(({ call, beganAt, endedAt, result }) => [call, beganAt, endedAt, result]),
    [
      ["fdatasync", 0, 2, 0],
      ["write", 1, 1, 2],
    ],
  );
});

trace("all parts of a gathered write are read; other calls and the end of a process are passed over", () => {
  const events = read(
    `12 writev(30<${hex("socket:[9]")}>, [{iov_base="${hex("ab")}", iov_len=2}, {iov_base="${hex("c")}", iov_len=1}], 2) = 3`,
    '12 openat(AT_FDCWD, "x") = 3',
    "12 +++ killed by SIGKILL +++",
  );
  assert.equal(
    events.map(({ bytes }) => bytes),
    ["abc"],
  );
});

trace("a call that never ends has no result", () => {
  const [event] = read(`12 fdatasync(21<${hex("/d/votes.journal")}> <unfinished ...>`);
  assert.equal([event?.endedAt, event?.result], [null, null]);
});
trace.run();
