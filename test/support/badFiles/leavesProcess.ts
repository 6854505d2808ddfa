/** Passes, but a process it started lives on. */
import { spawn } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const starting = suite("starting");
starting("starts a process", () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  child.unref();
  assert.type(child.pid, "number");
});
starting.run();
