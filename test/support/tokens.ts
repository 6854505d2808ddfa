/** Splits TypeScript into tokens, with comments left out, by TypeScript's own scanner. */
import { SyntaxKind } from "typescript/unstable/ast";
import { createScanner } from "typescript/unstable/ast/scanner";

/** One token; `text` of a string or name is with its escapes resolved. */
export type Token = {
  readonly kind: "word" | "string" | "template" | "other";
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
};

/** Words after which a slash begins a regular expression, as after an operator. */
const OPERATOR_WORDS: ReadonlySet<string> = new Set(
  "return typeof case in of delete void throw new do else instanceof yield await".split(" "),
);

/** @param source TypeScript without JSX @returns its tokens in order */
export function tokens(source: string): readonly Token[] {
  const scanner = createScanner(true, undefined, source);
  const found: Token[] = [];
  const openBraces: number[] = [];
  let line = 1;
  let lineEnd = 0;
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    if (isSlash(kind) && beginsRegex(found.at(-1))) scanner.reScanSlashToken();
    if (kind === SyntaxKind.TemplateHead) openBraces.push(0);
    if (kind === SyntaxKind.OpenBraceToken && openBraces.length > 0)
      openBraces.push((openBraces.pop() ?? 0) + 1);
    if (kind === SyntaxKind.CloseBraceToken && openBraces.length > 0) {
      const depth = openBraces.pop() ?? 0;
      if (depth > 0) openBraces.push(depth - 1);
      else if (scanner.reScanTemplateToken(false) === SyntaxKind.TemplateMiddle) openBraces.push(0);
    }
    const start = scanner.getTokenStart();
    line += newlines(source.slice(lineEnd, start));
    lineEnd = start;
    found.push({ kind: tokenKind(scanner.getToken()), text: tokenText(scanner), line });
  }
  return found;
}

function tokenKind(kind: SyntaxKind): Token["kind"] {
  if (kind === SyntaxKind.StringLiteral || kind === SyntaxKind.NoSubstitutionTemplateLiteral) return "string";
  if (kind >= SyntaxKind.TemplateHead && kind <= SyntaxKind.TemplateTail) return "template";
  if (kind === SyntaxKind.Identifier) return "word";
  return kind >= SyntaxKind.FirstKeyword && kind <= SyntaxKind.LastKeyword ? "word" : "other";
}

function tokenText(scanner: ReturnType<typeof createScanner>): string {
  const isDecoded = tokenKind(scanner.getToken()) === "string" || scanner.isIdentifier();
  return isDecoded ? scanner.getTokenValue() : scanner.getTokenText();
}

function isSlash(kind: SyntaxKind): boolean {
  return kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken;
}

function beginsRegex(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === "word") return OPERATOR_WORDS.has(previous.text);
  return previous.kind === "other" && !/^([)\]}]|\+\+|--|[\d.].*)$/.test(previous.text);
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}
