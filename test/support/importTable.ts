/** Who may import whom, as data: ARCHITECTURE.md's table, one row each. */

/** Every rule that can be broken. */
export const RULES = [
  "main-imports",
  "compat-imports",
  "core-imports",
  "ports-imports",
  "services-imports",
  "adapters-imports",
  "config-imports",
  "cli-imports",
  "definitions-imports",
  "drivers-imports",
  "deploy-imports",
  "types-only",
  "library-home",
  "adapters-apart",
  "core-order",
  "services-order",
  "ledger-order",
  "consensus-opaque",
  "core-pure",
  "ports-runtime",
  "main-imported",
  "compat-first",
  "computed-import",
  "no-cycles",
  "file-length",
  "unknown-room",
] as const;

/** Name of a rule. */
export type Rule = (typeof RULES)[number];

/**
 * One room's permissions. What is imported is named by its path in the repository, by `node:name`, or
 * by `npm:package/subpath`; what no permission matches is refused.
 */
export type Row = {
  /** Name of the rule a violation is reported under. */
  readonly rule: Rule;
  /** Which files the row is about; the first row that matches a file is its row. */
  readonly from: RegExp;
  readonly may: readonly RegExp[];
  /** May be imported by `import type` only. */
  readonly mayTypes?: readonly RegExp[];
};

/** A package and the one place that may import it. */
export type Home = { readonly library: RegExp; readonly home: RegExp };

const NODE = /^node:/;
/** Which packages are at home where is the matter of {@link HOMES}. */
const NPM = /^npm:/;

/** Each room's row. A room without one may import nothing; tests may import everything but main.ts. */
export const ROWS: readonly Row[] = [
  {
    rule: "main-imports",
    from: /^agent\/main\.ts$/,
    may: [/^agent\//, /^drivers\//, /^package\.json$/, NODE, NPM],
  },
  { rule: "compat-imports", from: /^agent\/compat\.ts$/, may: [NODE] },
  { rule: "core-imports", from: /^agent\/core\//, may: [/^agent\/core\//, NPM] },
  { rule: "ports-imports", from: /^agent\/ports\//, may: [], mayTypes: [/^agent\/(core|ports)\//] },
  { rule: "services-imports", from: /^agent\/services\//, may: [/^agent\/(core|ports|services)\//] },
  {
    rule: "adapters-imports",
    from: /^agent\/adapters\//,
    may: [/^agent\/(core|ports|adapters)\//, NODE, NPM],
  },
  {
    rule: "config-imports",
    from: /^agent\/config\//,
    may: [/^agent\/(core|config)\//, /^node:(fs|fs\/promises|path)$/, NPM],
  },
  {
    rule: "cli-imports",
    from: /^agent\/cli\//,
    may: [/^agent\/(core|config|cli)\//, NODE, NPM],
    mayTypes: [/^agent\/ports\//],
  },
  {
    rule: "definitions-imports",
    from: /^drivers\/definitions\//,
    may: [/^drivers\/((actuator|sunspec)Definition|cautions|definition|quantity)\.ts$/],
  },
  {
    rule: "drivers-imports",
    from: /^drivers\/definitionSchema\.ts$/,
    may: [/^drivers\//, NPM],
  },
  {
    rule: "drivers-imports",
    from: /^drivers\/(modbus|simulator)\//,
    may: [/^drivers\//, /^agent\/core\/(errors|units)\.ts$/, NODE, NPM],
    mayTypes: [/^agent\/ports\/(meter|actuator|commissioning)\.ts$/],
  },
  {
    rule: "drivers-imports",
    from: /^drivers\//,
    may: [/^drivers\//, /^agent\/core\/(errors|units)\.ts$/],
    mayTypes: [/^agent\/ports\/(meter|actuator|commissioning)\.ts$/],
  },
  { rule: "deploy-imports", from: /^deploy\//, may: [/^deploy\//, /^agent\/(core|config|cli)\//, NODE, NPM] },
];

/** One library, one home. A package that is missing here has no home and may not be imported. */
export const HOMES: readonly Home[] = [
  { library: /^@noble\/(curves|hashes)\//, home: /^agent\/core\// },
  { library: /^@ipld\/dag-cbor$/, home: /^agent\/core\// },
  { library: /^multiformats(\/|$)/, home: /^agent\/core\// },
  { library: /^@scure\/base$/, home: /^agent\/core\/membership\// },
  { library: /^(libp2p$|@libp2p\/|@chainsafe\/|@multiformats\/)/, home: /^agent\/adapters\/transport\// },
  { library: /^level$/, home: /^agent\/adapters\/store\// },
  { library: /^(hono|@hono)(\/|$)/, home: /^agent\/adapters\/http\// },
  { library: /^pino$/, home: /^agent\/adapters\/log\// },
  { library: /^(serialport|modbus-serial)(\/|$)/, home: /^drivers\/modbus\// },
  { library: /^@lydell\/node-pty$/, home: /^drivers\/simulator\// },
  { library: /^commander$/, home: /^agent\/cli\// },
  { library: /^yaml$/, home: /^agent\/config\// },
  { library: /^zod$/, home: /^(agent\/config\/|drivers\/definitionSchema\.ts$)/ },
];

/** Rooms that stand on each other: a line may import itself and the lines above it. */
export type RoomOrder = {
  readonly rule: Rule;
  readonly below: string;
  readonly rooms: readonly (readonly string[])[];
};

/** Core's rooms and lone files, the rooms of its ledger, and those of the services, each from the bottom up. */
export const ROOM_ORDERS: readonly RoomOrder[] = [
  {
    rule: "core-order",
    below: "agent/core/",
    rooms: [
      ["errors", "units", "bytes", "cbor", "verdict"],
      ["codec", "hash"],
      ["signature"],
      ["membership"],
      ["metering"],
      ["market", "access"],
      ["consensus"],
      ["ledger"],
      ["wire"],
    ],
  },
  {
    rule: "ledger-order",
    below: "agent/core/ledger/",
    rooms: [["state"], ["transactions", "settlement"], ["blocks"], ["chain"], ["reports"]],
  },
  {
    rule: "services-order",
    below: "agent/services/",
    rooms: [
      ["base"],
      ["ledger"],
      ["pools"],
      ["metering"],
      ["curtailment", "voting"],
      ["agreement"],
      ["exchange", "participation"],
      ["views"],
      ["agentModules", "agent", "enrolledAs", "lives"],
    ],
  },
];

/** What consensus may import of core: it orders opaque hashes and knows nothing of energy. */
export const CONSENSUS_MAY: ReadonlySet<string> = new Set(
  "errors units bytes verdict codec hash signature consensus".split(" "),
);

/** Names that bring the world into core: clock, randomness, timers, process, output, asynchrony. */
export const FORBIDDEN_IN_CORE: ReadonlySet<string> = new Set(
  [
    "Date performance Intl process console Buffer global globalThis require eval Function",
    "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask",
    "async await Promise fetch crypto WebSocket Worker",
  ].flatMap((names) => names.split(" ")),
);

/** Members that draw random numbers, whatever they are members of. */
export const RANDOM_MEMBERS: ReadonlySet<string> = new Set(
  "random randomBytes randomUUID randomSecretKey randomPrivateKey getRandomValues keygen".split(" "),
);

/** Every room: a file that matches none is in the wrong place. */
export const ROOMS: readonly RegExp[] = [
  /^(README|ARCHITECTURE|CONTRIBUTING|SECURITY|TESTING|BENCHMARKS|CHANGELOG)\.md$/,
  /^(LICENSE|package\.json|package-lock\.json|tsconfig\.json|biome\.json|build\.js|\.gitignore)$/,
  /^(\.ci|docs|firmware-config|systemd|deploy)\//,
  /^agent\/(main|compat)\.ts$/,
  /^agent\/(cli|config|ports|services|web)\//,
  /^agent\/core\/(errors|units|bytes|cbor|codec|hash|signature|verdict|wire)\.ts$/,
  /^agent\/core\/(metering|market|membership|access|consensus|ledger|wire)\//,
  /^agent\/adapters\/(clock|transport|signer|journal|store|blobs|log|systemd|http|mqtt)\//,
  /^drivers\/[^/]+\.ts$/,
  /^drivers\/(modbus|definitions|simulator)\//,
  /^test\/(run|architecture\.test)\.ts$/,
  /^test\/(unit|vectors|contract|integration|sim|spin|chaos|campaign|case-study|powercut|corruption|secondMarket|bench|e2e|support|hardware)\//,
];
