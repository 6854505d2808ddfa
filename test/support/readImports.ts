/** Reads what a source file imports: statements, re-exports, `import()`, `require()`. */
import { type Token, tokens } from "./tokens.ts";

/** One import. */
export type Import = {
  /** As written; null when it is computed, so that nobody can say what is imported. */
  readonly specifier: string | null;
  /** True for `import type` and `export type`, which leave nothing at run time. */
  readonly isTypeOnly: boolean;
  readonly line: number;
};

/** @param source TypeScript @returns its imports, in order */
export function readImports(source: string): readonly Import[] {
  const all = tokens(source);
  return all.flatMap((token, at) => {
    if (token.kind !== "word" || isMember(all, at)) return [];
    if (token.text === "import") return importAt(all, at);
    if (token.text === "export") return exportAt(all, at);
    if (token.text === "require" && all[at + 1]?.text === "(") return [called(all, at)];
    return token.text === "createRequire" ? [{ specifier: null, isTypeOnly: false, line: token.line }] : [];
  });
}

/** @param all tokens of a file @param at place of a name @returns true when it is a member of what stands before it */
export function isMember(all: readonly Token[], at: number): boolean {
  const before = all[at - 1];
  return before?.kind === "other" && (before.text === "." || before.text === "?.");
}

function importAt(all: readonly Token[], at: number): readonly Import[] {
  const next = all[at + 1];
  if (next?.text === "." && next.kind === "other") return [];
  if (next?.text === "(" && next.kind === "other") return [called(all, at)];
  if (next?.kind === "string") return [statement(all, at, next)];
  return fromClause(all, at);
}

function exportAt(all: readonly Token[], at: number): readonly Import[] {
  const opens = all[all[at + 1]?.text === "type" ? at + 2 : at + 1]?.text;
  return opens === "{" || opens === "*" ? fromClause(all, at) : [];
}

/** Looks for `from "…"` up to the end of the statement that begins at `at`. */
function fromClause(all: readonly Token[], at: number): readonly Import[] {
  for (let place = at + 1; place < all.length; place++) {
    const token = all[place];
    const next = all[place + 1];
    if (token?.text === "require" && next?.text === "(") return [];
    if (token?.text === "from" && next?.kind === "string") return [statement(all, at, next)];
    if (token?.text === ";" || token?.text === "import" || token?.text === "export") return [];
  }
  return [];
}

function statement(all: readonly Token[], at: number, specifier: Token): Import {
  const isTypeOnly =
    all[at + 1]?.text === "type" && all[at + 2]?.text !== "from" && all[at + 2]?.text !== ",";
  return { specifier: specifier.text, isTypeOnly, line: all[at]?.line ?? 0 };
}

function called(all: readonly Token[], at: number): Import {
  const argument = all[at + 2];
  const end = all[at + 3]?.text;
  const isLiteral = argument?.kind === "string" && (end === ")" || end === ",");
  return { specifier: isLiteral ? argument.text : null, isTypeOnly: false, line: all[at]?.line ?? 0 };
}
