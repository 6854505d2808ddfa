/** A YAML file as text with positions: the value it holds, its own faults, and where each setting stands. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import type { ConfigFault } from "./configError.ts";

/** Aliases a file may expand to; more is a bomb, not a configuration. */
const MAX_ALIASES = 100;
const MAX_FAULTS = 100;

/** A place in the file, both from 1. */
export type Position = { readonly line: number; readonly column: number };

/** What a file says, and where. */
export type ConfigSource = {
  /** Plain value; an empty file is an empty map. Undefined when the file is not YAML. */
  readonly value: unknown;
  /** Faults of the YAML itself, in the order of the file. */
  readonly faults: readonly ConfigFault[];
  /** @returns where the value stands, or its nearest parent when it is absent */
  positionOf(path: readonly PropertyKey[]): Position;
  /** @returns where a key of the map at `path` stands */
  keyPositionOf(path: readonly PropertyKey[], key: string): Position;
  /** @returns whether the file itself sets it */
  has(path: readonly PropertyKey[]): boolean;
  /** @returns the characters of a scalar as written, or undefined */
  textAt(path: readonly PropertyKey[]): string | undefined;
};

/** @param text of the file @returns what it says; never throws */
export function readSource(text: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const faults = yamlFaults(text, document, lines);
  const value = plainValue(document, faults);
  const at = (offset: number | undefined): Position => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    value,
    faults,
    positionOf: (path) => at(nearestOffset(document, path)),
    keyPositionOf: (path, key) => {
      const pair = pairOf(nodeAt(document, path), key);
      return at(isNode(pair?.key) ? pair.key.range?.[0] : nearestOffset(document, path));
    },
    has: (path) => nodeAt(document, path) !== undefined,
    textAt: (path) => {
      const node = nodeAt(document, path);
      return isScalar(node) ? node.source : undefined;
    },
  };
}

function yamlFaults(text: string, document: Document.Parsed, lines: LineCounter): ConfigFault[] {
  return [...document.errors, ...document.warnings].slice(0, MAX_FAULTS).map((error) => {
    const { line, col: column } = lines.linePos(error.pos[0]);
    const isDuplicate = error.code === "DUPLICATE_KEY";
    return {
      line,
      column,
      key: isDuplicate ? (/^[^\s:]*/.exec(text.slice(error.pos[0]))?.[0] ?? "") : "",
      code: isDuplicate ? "CONFIG_DUPLICATE_KEY" : "CONFIG_SYNTAX",
      message: isDuplicate ? "this key stands twice in the same map" : error.message,
      fix: isDuplicate
        ? "remove one of the two"
        : "mend the YAML; indent with spaces, quote texts with : or #",
    };
  });
}

/** Expands the document; what cannot be expanded is added to the faults. */
function plainValue(document: Document.Parsed, faults: ConfigFault[]): unknown {
  if (faults.some((fault) => fault.code === "CONFIG_SYNTAX")) return undefined;
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const fix = "write the value out instead of using an alias";
    faults.push({ line: 1, column: 1, key: "", code: "CONFIG_SYNTAX", message, fix });
    return undefined;
  }
}

function nodeAt(document: Document.Parsed, path: readonly PropertyKey[]): Node | undefined {
  return path.reduce<Node | undefined>(
    (node, step) => child(document, node, step),
    resolved(document, document.contents),
  );
}

function nearestOffset(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const node = nodeAt(document, path.slice(0, depth));
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}

function child(document: Document.Parsed, node: Node | undefined, step: PropertyKey): Node | undefined {
  if (isSeq(node)) return resolved(document, node.items[Number(step)]);
  return resolved(document, pairOf(node, String(step))?.value);
}

function pairOf(node: Node | undefined, key: string): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

function resolved(document: Document.Parsed, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}
