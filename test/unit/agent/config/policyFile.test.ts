/** The policy file: what it may say, every fault with its place, and a document that says the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError } from "../../../../agent/config/configError.ts";
import { parsePolicyFile } from "../../../../agent/config/policyFile.ts";
import { policyJsonSchema } from "../../../../agent/config/policySchema.ts";
import { policyFileText } from "../../../support/policyText.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const faultsOf = (changes: Readonly<Record<string, string>>) => {
  try {
    parsePolicyFile(policyFileText(changes), "policy.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ key, code }) => `${key} ${code}`);
  }
};

const file = suite("policy file");

file("reads money as it is written, and knows what may be left out", () => {
  const parsed = parsePolicyFile(policyFileText({ intervalSeconds: "", mixTarget: "" }), "policy.yaml");
  assert.is(parsed.tariff[1]?.supplierSells, "0.300001");
  assert.is(parsed.floor, "0.05");
  assert.equal(
    [parsed.intervalSeconds, parsed.pricing, parsed.supplierFuel, parsed.mixTarget, parsed.feedInLimitWh],
    [900, "schedule", "grid-mix", {}, undefined],
  );
});

file("names every fault with its key", () => {
  const rows: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ timeZone: "Vienna" }, "timeZone CONFIG_FORM"],
    [{ from: "01.01.2027" }, "from CONFIG_FORM"],
    [{ floor: "0.0000001" }, "floor CONFIG_FORM"],
    [{ fee: "-1" }, "fee CONFIG_FORM"],
    [{ cap: "" }, "cap CONFIG_MISSING_KEY"],
    [{ colour: "red" }, "colour CONFIG_UNKNOWN_KEY"],
    [{ version: "0" }, "version CONFIG_RANGE"],
    [{ pricing: "haggling" }, "pricing CONFIG_CHOICE"],
    [{ tariff: "[]" }, "tariff CONFIG_RANGE"],
    [
      { tariff: '[{ from: "01:00", trade: 0.1, supplierSells: 0.2, supplierBuys: 0.05 }]' },
      "tariff[0].from CONFIG_RANGE",
    ],
    [
      {
        tariff:
          '[{ from: "00:00", trade: 0.1, supplierSells: 0.2, supplierBuys: 0.05 }, { from: "00:00", trade: 0.1, supplierSells: 0.2, supplierBuys: 0.05 }]',
      },
      "tariff[1].from CONFIG_RANGE",
    ],
  ];
  for (const [changes, fault] of rows) assert.equal(faultsOf(changes), [fault]);
  assert.is(faultsOf({ carbonGrams: "{ solar: 5 }" }).length, 1);
  assert.is(faultsOf({ creditLimits: "{ dep1: 5 }" }).length, 1);
});

file("is described key by key in docs/policy.md, with what stands there by default", () => {
  const text = readFileSync(join(ROOT, "docs/policy.md"), "utf8");
  const schema = policyJsonSchema();
  const rows = new Map(
    [...text.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \|$/gm)].map(([, key, what, usual]) => [
      key,
      [what, usual],
    ]),
  );
  assert.equal([...rows.keys()], Object.keys(schema.properties ?? {}));
  for (const [key, setting] of Object.entries(schema.properties ?? {})) {
    const [what, usual] = rows.get(key) ?? [];
    assert.is(what, setting.description, key);
    const isNeeded = schema.required?.includes(key) === true;
    const byDefault =
      setting.default === undefined ? "–" : `\`${JSON.stringify(setting.default).replaceAll('"', "")}\``;
    assert.is(usual, isNeeded ? "needed" : byDefault, key);
  }
  const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  assert.is(parsePolicyFile(example, "docs/policy.md").microgrid, "our-street");
});

file.run();
