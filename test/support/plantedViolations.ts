/** Files that break the rules, each with exactly the rules it breaks. */
import type { Rule } from "./importTable.ts";

/** A file that breaks `rules`, and the files it needs to do so. */
export type Plant = {
  readonly rules: readonly Rule[];
  readonly path: string;
  readonly source: string;
  readonly also?: Readonly<Record<string, string>>;
};

/** Imports of a room that its row refuses: rule, file, what it imports. */
const REFUSED: readonly (readonly [readonly Rule[], string, string])[] = [
  [["compat-imports"], "agent/compat.ts", "./core/units.ts"],
  [["core-imports"], "agent/core/metering/plantedNode.ts", "node:fs"],
  [["core-imports"], "agent/core/metering/plantedPort.ts", "../../ports/clock.ts"],
  [["core-imports"], "agent/core/metering/plantedService.ts", "../../services/exchange/inbox.ts"],
  [["core-imports"], "agent/core/metering/plantedDriver.ts", "../../../drivers/decode.ts"],
  [["services-imports"], "agent/services/plantedNode.ts", "node:fs"],
  [["services-imports"], "agent/services/plantedAdapter.ts", "../adapters/store/ledgerStore.ts"],
  [["services-imports"], "agent/services/plantedDriver.ts", "../../drivers/meter.ts"],
  [["services-imports"], "agent/services/plantedConfig.ts", "../config/schema.ts"],
  [["services-imports", "library-home"], "agent/services/plantedLibrary.ts", "level"],
  [["adapters-imports"], "agent/adapters/clock/plantedService.ts", "../../services/exchange/inbox.ts"],
  [["adapters-imports"], "agent/adapters/clock/plantedDriver.ts", "../../../drivers/meter.ts"],
  [["adapters-imports"], "agent/adapters/clock/plantedConfig.ts", "../../config/schema.ts"],
  [["adapters-apart"], "agent/adapters/clock/plantedAdapter.ts", "../store/keySpace.ts"],
  [["config-imports"], "agent/config/plantedService.ts", "../services/exchange/inbox.ts"],
  [["config-imports"], "agent/config/plantedNode.ts", "node:http"],
  [["cli-imports"], "agent/cli/plantedService.ts", "../services/exchange/inbox.ts"],
  [["cli-imports"], "agent/cli/plantedAdapter.ts", "../adapters/store/ledgerStore.ts"],
  [["cli-imports"], "agent/cli/plantedDriver.ts", "../../drivers/meter.ts"],
  [["definitions-imports"], "drivers/definitions/plantedSibling.ts", "./eastronSdm630.ts"],
  [["definitions-imports"], "drivers/definitions/plantedCore.ts", "../../agent/core/units.ts"],
  [["drivers-imports"], "drivers/plantedCore.ts", "../agent/core/bytes.ts"],
  [["drivers-imports"], "drivers/plantedPort.ts", "../agent/ports/clock.ts"],
  [["drivers-imports"], "drivers/plantedNode.ts", "node:fs"],
  [["drivers-imports"], "drivers/modbus/plantedService.ts", "../../agent/services/exchange/inbox.ts"],
  [["deploy-imports"], "deploy/planted.ts", "../agent/services/exchange/inbox.ts"],
  [["main-imported", "cli-imports"], "agent/cli/plantedMain.ts", "../main.ts"],
  [["main-imported"], "test/support/plantedMain.ts", "../../agent/main.ts"],
  [["cli-imports"], "agent/cli/plantedCompat.ts", "../compat.ts"],
];

/** Libraries away from home. */
const STRAYS: readonly (readonly [string, string])[] = [
  ["agent/cli/plantedLibp2p.ts", "libp2p"],
  ["agent/adapters/store/plantedLibp2p.ts", "@libp2p/tcp"],
  ["agent/adapters/store/plantedGossip.ts", "@chainsafe/libp2p-gossipsub"],
  ["agent/adapters/http/plantedMultiaddr.ts", "@multiformats/multiaddr"],
  ["agent/adapters/journal/plantedLevel.ts", "level"],
  ["drivers/simulator/plantedSerial.ts", "serialport"],
  ["drivers/simulator/plantedModbus.ts", "modbus-serial/ModbusRTU"],
  ["drivers/modbus/plantedPty.ts", "@lydell/node-pty"],
  ["agent/cli/plantedHono.ts", "hono"],
  ["agent/cli/plantedServer.ts", "@hono/node-server"],
  ["agent/adapters/http/plantedPino.ts", "pino"],
  ["agent/config/plantedCommander.ts", "commander"],
  ["agent/cli/plantedYaml.ts", "yaml"],
  ["agent/adapters/http/plantedZod.ts", "zod"],
  ["agent/core/plantedBase.ts", "@scure/base"],
  ["agent/adapters/signer/plantedNoble.ts", "@noble/curves/nist.js"],
  ["agent/adapters/store/plantedCbor.ts", "@ipld/dag-cbor"],
  ["agent/adapters/http/plantedUnknown.ts", "left-pad"],
  ["agent/adapters/http/plantedBareBuiltin.ts", "fs"],
];

/** Imports against the order inside core, its ledger and the services. */
const DISORDER: readonly (readonly [Rule, string, string])[] = [
  ["core-order", "agent/core/units.ts", "./codec.ts"],
  ["core-order", "agent/core/hash.ts", "./signature.ts"],
  ["core-order", "agent/core/signature.ts", "./membership/address.ts"],
  ["core-order", "agent/core/membership/planted.ts", "../metering/reading.ts"],
  ["core-order", "agent/core/metering/planted.ts", "../market/position.ts"],
  ["core-order", "agent/core/metering/plantedAccess.ts", "../access/grant.ts"],
  ["core-order", "agent/core/market/planted.ts", "../ledger/block.ts"],
  ["core-order", "agent/core/market/plantedConsensus.ts", "../consensus/quorum.ts"],
  ["core-order", "agent/core/ledger/planted.ts", "../wire.ts"],
  ["ledger-order", "agent/core/ledger/state/planted.ts", "../transactions/judgeTransaction.ts"],
  ["ledger-order", "agent/core/ledger/transactions/planted.ts", "../blocks/block.ts"],
  ["ledger-order", "agent/core/ledger/settlement/planted.ts", "../blocks/block.ts"],
  ["ledger-order", "agent/core/ledger/blocks/planted.ts", "../chain/chain.ts"],
  ["ledger-order", "agent/core/ledger/chain/planted.ts", "../reports/statement.ts"],
  ["services-order", "agent/services/base/planted.ts", "../ledger/ledger.ts"],
  ["services-order", "agent/services/ledger/planted.ts", "../voting/amnesia.ts"],
  ["services-order", "agent/services/voting/planted.ts", "../agreement/consensus.ts"],
  ["services-order", "agent/services/agreement/planted.ts", "../exchange/sync.ts"],
  ["services-order", "agent/services/exchange/planted.ts", "../views/statusView.ts"],
  ["services-order", "agent/services/metering/planted.ts", "../agentModules.ts"],
  ["services-order", "agent/services/views/planted.ts", "../nowhere/planted.ts"],
  ["consensus-opaque", "agent/core/consensus/plantedMetering.ts", "../metering/reading.ts"],
  ["consensus-opaque", "agent/core/consensus/plantedMarket.ts", "../market/position.ts"],
  ["consensus-opaque", "agent/core/consensus/plantedAccess.ts", "../access/grant.ts"],
  ["consensus-opaque", "agent/core/consensus/plantedLedger.ts", "../ledger/block.ts"],
  ["consensus-opaque", "agent/core/consensus/plantedMembership.ts", "../membership/roster.ts"],
];

/** Lines that make core impure. */
const IMPURE: readonly (readonly [string, string])[] = [
  ["Date", "export const now = Date.now();"],
  ["DateType", "export type At = { at: Date };"],
  ["Random", "export const dice = Math.random();"],
  ["RandomDestructured", "const { random: dice } = Math;"],
  ["RandomComputed", 'export const dice = Math["ran" + "dom"]();'],
  ["RandomNoble", 'import { randomBytes } from "@noble/hashes/utils.js";'],
  ["Timeout", "setTimeout(() => {}, 1);"],
  ["Interval", "setInterval(() => {}, 1);"],
  ["Immediate", "setImmediate(() => {});"],
  ["Microtask", "queueMicrotask(() => {});"],
  ["Process", "export const home = process.env.HOME;"],
  ["Console", 'console.log("here");'],
  ["Buffer", "export const empty = Buffer.alloc(0);"],
  ["Async", "export const rule = async () => 1;"],
  ["Promise", "export const later = (one: Promise<number>) => one;"],
  ["Await", "export const one = await undefined;"],
  ["GlobalThis", 'export const clock = globalThis["Da" + "te"];'],
  ["Escaped", "export const now = D\\u0061te.now();"],
  ["Template", `export const text = \`\${\`at \${Date.now()}\`}\`;`],
  ["Branch", "export const pick = (at: boolean) => (at ? Date : undefined);"],
  ["Shorthand", "export const world = { process };"],
  ["AfterRegex", "export const found = /[/\"'`]/.test(process.title);"],
  ["Meta", "export const here = import.meta.url;"],
  ["Performance", "export const nowMs = performance.now();"],
  ["Eval", 'export const now = eval("Da" + "te");'],
];

/** What ports may not hold. */
const RUNNING: readonly (readonly [string, string])[] = [
  ["Const", "export const limit = 1;"],
  ["Function", "export function limit(): number {\n  return 1;\n}"],
  ["Class", "export class Port {}"],
  ["Statement", "[].at(0);"],
];

const imports = (specifier: string): string => `import "${specifier}";\n`;

/** Every plant. */
export const PLANTS: readonly Plant[] = [
  ...REFUSED.map(([rules, path, specifier]) => ({ rules, path, source: imports(specifier) })),
  ...STRAYS.map(([path, library]) => ({ rules: ["library-home"] as const, path, source: imports(library) })),
  ...DISORDER.map(([rule, path, specifier]) => ({ rules: [rule], path, source: imports(specifier) })),
  ...IMPURE.map(([name, source]) => ({
    rules: ["core-pure"] as const,
    path: `agent/core/metering/planted${name}.ts`,
    source,
  })),
  ...RUNNING.map(([name, source]) => ({
    rules: ["ports-runtime"] as const,
    path: `agent/ports/planted${name}.ts`,
    source,
  })),
  {
    rules: ["ports-imports"],
    path: "agent/ports/plantedService.ts",
    source: 'import type { Inbox } from "../services/inbox.ts";',
  },
  {
    rules: ["ports-imports"],
    path: "agent/ports/plantedReExport.ts",
    source: 'export type { Server } from "node:http";',
  },
  {
    rules: ["types-only", "ports-runtime"],
    path: "agent/ports/plantedValue.ts",
    source: 'import { wh } from "../core/units.ts";\nexport { wh };',
  },
  {
    rules: ["types-only", "ports-runtime"],
    path: "agent/ports/plantedInlineType.ts",
    source: 'import { type Wh } from "../core/units.ts";\nexport type Energy = Wh;',
  },
  {
    rules: ["types-only"],
    path: "drivers/plantedMeterValue.ts",
    source: 'import { sample } from "../agent/ports/meter.ts";\nexport { sample };',
  },
  {
    rules: ["types-only"],
    path: "agent/cli/plantedView.ts",
    source: 'export * from "../ports/agentView.ts";',
  },
  {
    rules: ["main-imports", "compat-first"],
    path: "agent/main.ts",
    source: 'import { tokens } from "../test/support/tokens.ts";\nimport "./compat.ts";\nexport { tokens };',
  },
  {
    rules: ["computed-import"],
    path: "agent/services/plantedComputed.ts",
    source: `export const load = (name: string) => import(\`../adapters/\${name}\`);`,
  },
  {
    rules: ["computed-import"],
    path: "agent/adapters/log/plantedRequire.ts",
    source: 'import { createRequire as r } from "node:module";\nexport const load = r(import.meta.url);',
  },
  {
    rules: ["services-imports"],
    path: "agent/services/plantedDynamic.ts",
    source: 'export const load = () => import("node:fs");',
  },
  {
    rules: ["services-imports"],
    path: "agent/services/plantedRequire.ts",
    source: 'export const fs = require("node:fs");',
  },
  {
    rules: ["services-imports"],
    path: "agent/services/plantedReExport.ts",
    source: 'export * from "node:fs";',
  },
  {
    rules: ["no-cycles"],
    path: "agent/core/metering/plantedLeft.ts",
    source: 'import { right } from "./plantedRight.ts";\nexport const left = () => right;',
    also: {
      "agent/core/metering/plantedRight.ts":
        'import type { left } from "./plantedLeft.ts";\nexport const right = (one: typeof left) => one;',
    },
  },
  { rules: ["no-cycles"], path: "drivers/plantedSelf.ts", source: 'export * from "./plantedSelf.ts";' },
  { rules: ["file-length"], path: "agent/cli/plantedLength.ts", source: "\n".repeat(301) },
  { rules: ["file-length"], path: "drivers/plantedLength.ts", source: `${"\n".repeat(300)}export {};` },
  { rules: ["unknown-room"], path: "notes.txt", source: "" },
  { rules: ["unknown-room"], path: "utils/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "agent/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "agent/helpers/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "agent/core/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "agent/core/helpers/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "agent/adapters/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "agent/adapters/redis/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "drivers/helpers/planted.ts", source: "" },
  { rules: ["unknown-room"], path: "test/planted.test.ts", source: "" },
];
