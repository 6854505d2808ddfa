/**
 * Finds what breaks the house rules of ARCHITECTURE.md: imports against the table, core that is not pure,
 * ports that run, libraries away from home, cycles, files that are too long or in no room.
 */
import { posix } from "node:path";
import { transformSync } from "esbuild";
import { findCycles } from "./findCycles.ts";
import {
  CONSENSUS_MAY,
  FORBIDDEN_IN_CORE,
  HOMES,
  RANDOM_MEMBERS,
  ROOM_ORDERS,
  ROOMS,
  ROWS,
  type RoomOrder,
  type Rule,
} from "./importTable.ts";
import { type Import, isMember, readImports } from "./readImports.ts";
import { type Token, tokens } from "./tokens.ts";

/** One broken rule. */
export type Violation = {
  readonly rule: Rule;
  /** Path in the repository. */
  readonly file: string;
  /** Counted from 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly message: string;
};

/** An import whose target is known: a path in the repository, `node:name`, or `npm:package/subpath`. */
type Edge = {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
  readonly line: number;
};

const MAIN = "agent/main.ts";
/** Source that ships. */
const PRODUCT = /^(agent|drivers)\/.*\.ts$/;
const SOURCE = /^(agent|drivers|deploy|test)\/.*\.ts$/;
const MAX_LINES = 300;

/** @param files of the repository, path to text; the text of what is no TypeScript is not read @returns every broken rule */
export function violations(files: ReadonlyMap<string, string>): readonly Violation[] {
  const paths = [...files.keys()];
  const sources = [...files].filter(([path]) => SOURCE.test(path));
  const edges = sources.flatMap(([path, source]) => edgesOf(path, source));
  return [
    ...paths.filter((path) => !ROOMS.some((room) => room.test(path))).map(misplaced),
    ...edges.flatMap((edge) => edgeViolations(edge)),
    ...sources.flatMap(([path, source]) => fileViolations(path, source)),
    ...cycleViolations(edges),
  ];
}

/** @param violation broken rule @returns one line for people */
export function formatViolation({ rule, file, line, message }: Violation): string {
  return `${rule}: ${file}${line === 0 ? "" : `:${line}`} ${message}`;
}

function edgesOf(file: string, source: string): readonly Edge[] {
  return readImports(source).flatMap(({ specifier, isTypeOnly, line }) =>
    specifier === null ? [] : [{ file, target: targetOf(file, specifier), isTypeOnly, line }],
  );
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return /^\.{1,2}\//.test(specifier) ? posix.join(posix.dirname(file), specifier) : `npm:${specifier}`;
}

function edgeViolations(edge: Edge): readonly Violation[] {
  return [tableBreach, homeBreach, adapterBreach, orderBreach, mainBreach]
    .map((check) => check(edge))
    .filter((found) => found !== undefined);
}

/** The room's row of the table. */
function tableBreach(edge: Edge): Violation | undefined {
  if (edge.file.startsWith("test/")) return undefined;
  const row = ROWS.find(({ from }) => from.test(edge.file));
  if (row === undefined) return breach("unknown-room", edge, "no row of the table is about this file");
  if (row.may.some((may) => may.test(edge.target))) return undefined;
  if (row.mayTypes?.some((may) => may.test(edge.target)) !== true)
    return breach(row.rule, edge, `may not import ${edge.target}`);
  return edge.isTypeOnly ? undefined : breach("types-only", edge, `needs \`import type\` for ${edge.target}`);
}

/** One library, one home; main.ts is no exception. */
function homeBreach(edge: Edge): Violation | undefined {
  if (!PRODUCT.test(edge.file) || !edge.target.startsWith("npm:")) return undefined;
  const name = edge.target.slice("npm:".length);
  const homes = HOMES.filter(({ library }) => library.test(name));
  if (homes.length === 0) return breach("library-home", edge, `${name} has no home`);
  if (homes.some(({ home }) => home.test(edge.file))) return undefined;
  return breach("library-home", edge, `${name} is at home in ${homes.map(({ home }) => home.source).join()}`);
}

/** An adapter knows no other. */
function adapterBreach(edge: Edge): Violation | undefined {
  const own = adapterOf(edge.file);
  const other = adapterOf(edge.target);
  if (own === undefined || other === undefined || own === other) return undefined;
  return breach("adapters-apart", edge, `adapter ${own} may not import adapter ${other}`);
}

/** Inside core, its ledger and the services each room stands on those below it; consensus has a narrower rule. */
function orderBreach(edge: Edge): Violation | undefined {
  return ROOM_ORDERS.map((order) => breachOf(order, edge)).find((found) => found !== undefined);
}

function breachOf(order: RoomOrder, edge: Edge): Violation | undefined {
  const [from, to] = [roomBelow(order.below, edge.file), roomBelow(order.below, edge.target)];
  if (from === undefined || to === undefined || from === to) return undefined;
  if (from === "consensus")
    return CONSENSUS_MAY.has(to)
      ? undefined
      : breach("consensus-opaque", edge, `consensus may not import ${to}`);
  return rank(order, to) > rank(order, from)
    ? breach(order.rule, edge, `${from} may not import ${to}`)
    : undefined;
}

function mainBreach(edge: Edge): Violation | undefined {
  return edge.target === MAIN ? breach("main-imported", edge, "nobody imports main.ts") : undefined;
}

function fileViolations(file: string, source: string): readonly Violation[] {
  if (!PRODUCT.test(file)) return [];
  const lines = source.replace(/\n$/, "").split("\n").length;
  const imports = readImports(source);
  return [
    ...(lines > MAX_LINES ? [at("file-length", file, 0, `${lines} lines, more than ${MAX_LINES}`)] : []),
    ...imports.filter(({ specifier }) => specifier === null).map((found) => computed(file, found)),
    ...(file.startsWith("agent/core/") ? impureNames(file, tokens(source)) : []),
    ...(file.startsWith("agent/ports/") ? runningPort(file, source) : []),
    ...(file === MAIN ? compatFirst(imports) : []),
  ];
}

function impureNames(file: string, all: readonly Token[]): readonly Violation[] {
  return all.flatMap((token, place) => {
    if (token.kind !== "word" || !isImpure(all, place)) return [];
    return [at("core-pure", file, token.line, `core may not use ${token.text}`)];
  });
}

function isImpure(all: readonly Token[], place: number): boolean {
  const { text } = all[place] ?? { text: "" };
  const next = all[place + 1]?.text ?? "";
  if (RANDOM_MEMBERS.has(text)) return !isKey(all, place);
  if (text === "Math") return next !== ".";
  if (text === "import") return next === ".";
  return FORBIDDEN_IN_CORE.has(text) && !isMember(all, place) && !isKey(all, place);
}

/** True for the name of a property or parameter (`{ process: 1 }`), false for a branch (`a ? Date : b`). */
function isKey(all: readonly Token[], place: number): boolean {
  const [before, next, afterNext] = [all[place - 1]?.text, all[place + 1]?.text, all[place + 2]?.text];
  const opens = before !== undefined && ["{", ",", ";", "(", "readonly"].includes(before);
  return opens && (next === ":" || (next === "?" && afterNext === ":"));
}

/** A port must compile to nothing. */
function runningPort(file: string, source: string): readonly Violation[] {
  const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
  const { code } = transformSync(source, { loader: "ts", legalComments: "none", tsconfigRaw });
  const left = code.replace(/^export \{\};?$/m, "").trim();
  return left === "" ? [] : [at("ports-runtime", file, 0, `has runtime code: ${left.slice(0, 60)}`)];
}

function compatFirst(imports: readonly Import[]): readonly Violation[] {
  const first = imports.find(({ isTypeOnly }) => !isTypeOnly);
  if (first === undefined || first.specifier === "./compat.ts") return [];
  return [at("compat-first", MAIN, first.line, "main.ts imports compat.ts before anything else")];
}

function computed(file: string, { line }: Import): Violation {
  return at("computed-import", file, line, "imports something that is not written down");
}

function cycleViolations(edges: readonly Edge[]): readonly Violation[] {
  const inProduct = edges.filter(({ file, target }) => PRODUCT.test(file) && PRODUCT.test(target));
  return findCycles(inProduct.map(({ file, target }) => [file, target])).map((cycle) =>
    at("no-cycles", cycle[0] ?? "", 0, `imports itself: ${cycle.join(" → ")}`),
  );
}

function misplaced(path: string): Violation {
  return at("unknown-room", path, 0, "is in no room of the house");
}

function roomBelow(below: string, path: string): string | undefined {
  return path.startsWith(below) ? /^[^/.]+/.exec(path.slice(below.length))?.[0] : undefined;
}

function rank({ rooms }: RoomOrder, room: string): number {
  const found = rooms.findIndex((line) => line.includes(room));
  return found === -1 ? Number.POSITIVE_INFINITY : found;
}

function adapterOf(path: string): string | undefined {
  return /^agent\/adapters\/([^/]+)/.exec(path)?.[1];
}

function breach(rule: Rule, edge: Edge, message: string): Violation {
  return at(rule, edge.file, edge.line, message);
}

function at(rule: Rule, file: string, line: number, message: string): Violation {
  return { rule, file, line, message };
}
