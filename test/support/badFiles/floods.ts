/** Passes none of its tests and prints a lot. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const flood = suite("flood");
flood("prints a megabyte", () => {
  process.stdout.write("beginning of the flood\n");
  for (let line = 0; line < 10_000; line++) process.stdout.write(`${"~".repeat(100)}\n`);
  process.stdout.write("end of the flood\n");
  assert.unreachable();
});
flood.run();
