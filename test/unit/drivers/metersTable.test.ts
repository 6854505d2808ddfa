/** The table of meters in the documents is the registry's. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterKind } from "../../../drivers/definition.ts";
import { KNOWN_METERS } from "../../../drivers/registry.ts";

const PAGE = new URL("../../../docs/meters.md", import.meta.url);
const HEAD = ["| Definition | Maker | Model | Factory line | Unit | Status |", "|---|---|---|---|---|---|"];

const test = suite("docs/meters.md");

test("the table lists every kind of meter as the registry has it", async () => {
  const page = await readFile(PAGE, "utf8");
  const [, table = ""] = /<!-- meters -->\n([\s\S]*?)<!-- \/meters -->/.exec(page) ?? [];
  const expected = [...HEAD, ...KNOWN_METERS.map(row)].join("\n");
  assert.is(table.trim(), expected, "replace the table by the expected text");
});

test.run();

function row({ id, maker, model, serial, tcp, status }: MeterKind): string {
  const parity = serial?.parity.charAt(0).toUpperCase();
  const line =
    serial === null
      ? tcp === null
        ? "n/a"
        : `TCP ${tcp.port}`
      : `${serial.baudRate} ${serial.dataBits}${parity}${serial.stopBits}`;
  return `| \`${id}\` | ${maker} | ${model} | ${line} | ${(serial ?? tcp)?.unitId ?? "n/a"} | ${status} |`;
}
