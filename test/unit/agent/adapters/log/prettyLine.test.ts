import { suite } from "uvu";
import * as assert from "uvu/assert";
import { prettyLine } from "../../../../../agent/adapters/log/prettyLine.ts";

const event = { level: "info", time: "2026-01-01T10:20:30.456Z", event: "block-committed" };
const line = (fields: object, hasColour = false) =>
  prettyLine(JSON.stringify({ ...event, ...fields }), hasColour);

const test = suite("prettyLine");

test("time of day, level, event, facts", () => {
  assert.is(line({ height: 5, dso: null }), "10:20:30.456 info  block-committed height=5 dso=null\n");
});

test("text is quoted when it would not be one word", () => {
  assert.is(
    line({ a: "word", b: "two words", c: "", d: 'quo"te', e: "x=y" }),
    '10:20:30.456 info  block-committed a=word b="two words" c="" d="quo\\"te" e="x=y"\n',
  );
});

test("colour only when asked for", () => {
  assert.not.ok(line({ a: 1 }).includes("\u001b"));
  assert.ok(line({ a: 1 }, true).includes("\u001b[36minfo \u001b[0m block-committed"));
  assert.ok(line({ level: "error" }, true).includes("\u001b[31merror"));
});

test("nothing in a field reaches the terminal as a control character, and it stays one line", () => {
  for (const control of ["\u001b[2J", "\u009b2J", "\r", "\n", "\u007f", "\u2028", "\u0000"]) {
    for (const shown of [
      line({ a: `x${control}y` }),
      line({ [`k${control}`]: 1 }),
      line({ event: control }),
    ]) {
      assert.not.ok(
        [...shown.slice(0, -1)].some((one) => /\p{Cc}|\u2028/u.test(one)),
        JSON.stringify(shown),
      );
      assert.ok(shown.endsWith("\n"));
    }
  }
});

test.run();
