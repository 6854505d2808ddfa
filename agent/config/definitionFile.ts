/**
 * An installer's own meter definition as a YAML file: every fault with its line, column, key and fix, as of a
 * configuration. What a definition may say is the drivers' matter and is handed in.
 */
import { resolve } from "node:path";
import { readBounded } from "./boundedFile.ts";
import { type FileGrammar, parseFile } from "./yamlFile.ts";

/** What a definition may say. */
export type DefinitionGrammar<Parsed> = FileGrammar<Parsed>;

/**
 * @param path of the YAML file
 * @param grammar of definitions
 * @returns the definition, in its form and without a fault
 * @throws ConfigError `DEFINITION_MISSING`, `DEFINITION_UNREADABLE`, `DEFINITION_TOO_LARGE`, `DEFINITION_SYNTAX`, `DEFINITION_INVALID`
 */
export function readDefinitionFile<Parsed>(path: string, grammar: DefinitionGrammar<Parsed>): Parsed {
  const file = resolve(path);
  return parseDefinition(readBounded(file, "DEFINITION"), file, grammar);
}

/**
 * @param text of a file that need not exist
 * @param path where it would stand
 * @param grammar of definitions
 * @returns the definition
 * @throws ConfigError `DEFINITION_SYNTAX`, `DEFINITION_INVALID`
 */
export function parseDefinition<Parsed>(
  text: string,
  path: string,
  grammar: DefinitionGrammar<Parsed>,
): Parsed {
  return parseFile(text, path, grammar, "DEFINITION");
}
