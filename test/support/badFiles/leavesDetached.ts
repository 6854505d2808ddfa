/** Passes, but a detached process it started lives on for a while. */
import { spawn } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const starting = suite("starting");
starting("starts a process", () => {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 6000)"], {
    detached: true,
    stdio: ["ignore", "inherit", "ignore"],
  });
  child.unref();
  assert.type(child.pid, "number");
});
starting.run();
