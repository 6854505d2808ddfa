/** Money as a person reads it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coinsText } from "../../../../agent/cli/coinsText.ts";

const coins = suite("coins");

coins("have six digits behind the point, of either sign and beyond 2^53", () => {
  for (const [microCoins, text] of [
    ["0", "0.000000"],
    ["1", "0.000001"],
    ["-1", "-0.000001"],
    ["999999", "0.999999"],
    ["1000000", "1.000000"],
    ["-12345678", "-12.345678"],
    ["9223372036854775807", "9223372036854.775807"],
  ] as const)
    assert.is(coinsText(microCoins), text);
});

coins.run();
