/** Throws at import, after a suite has been registered and run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums.run();
throw new Error("broken fixture");
