import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coinText, kwhText, whText } from "../../case-study/amountText.ts";
import { coordinate, element, svgFile, textElement } from "../../case-study/svg.ts";

const svg = suite("SVG writer");

svg("writes elements in the order of their children, and closes an empty one", () => {
  const inner = element("line", { x1: 1, class: "grid" });
  assert.is(inner, '<line x1="1" class="grid"/>');
  assert.is(element("g", {}, [inner, inner]), `<g>\n${inner}\n${inner}\n</g>`);
  assert.is(svgFile(inner), `<?xml version="1.0" encoding="UTF-8"?>\n${inner}\n`);
});

svg("escapes what would be markup, in text and in attributes", () => {
  assert.is(
    textElement("text", { "aria-label": '"<&>"' }, '</text>&"'),
    '<text aria-label="&quot;&lt;&amp;&gt;&quot;">&lt;/text&gt;&amp;&quot;</text>',
  );
});

for (const [value, written] of [
  [0.04, "0"],
  [-0.04, "0"],
  [1 / 3, "0.3"],
  [12, "12"],
  [-7.25, "-7.3"],
] as const) {
  svg(`writes ${value} as ${written}`, () => assert.is(coordinate(value), written));
}

svg("knows no coordinate that is not a number", () => {
  assert.throws(
    () => coordinate(Number.NaN),
    (error: unknown) => error instanceof RangeError,
  );
});
svg.run();

const energy = suite("energy as text");

for (const [value, kwh, whole] of [
  [0n, "0", "0"],
  [999n, "0.999", "999"],
  [-1_000n, "−1", "−1\u202f000"],
  [16_005n, "16.005", "16\u202f005"],
  [1_234_567_890n, "1234567.890", "1\u202f234\u202f567\u202f890"],
] as const) {
  energy(`${value} Wh is ${kwh} kWh and ${whole} Wh`, () => {
    assert.is(kwhText(value), kwh);
    assert.is(whText(value), whole);
  });
}
energy.run();

const coins = suite("coins as text");

for (const [value, written] of [
  [0n, "0.000000"],
  [1n, "0.000001"],
  [-1_667_400n, "−1.667400"],
  [100_000_000n, "100.000000"],
] as const) {
  coins(`${value} micro-coins are ${written} coins`, () => assert.is(coinText(value), written));
}
coins.run();
