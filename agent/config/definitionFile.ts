/**
 * An installer's own meter definition as a YAML file: every fault with its line, column, key and fix, as of a
 * configuration. What a definition may say is the drivers' matter and is handed in.
 */
import { resolve } from "node:path";
import type * as z from "zod";
import { readBounded } from "./boundedFile.ts";
import { ConfigError, type ConfigFault, type DefinitionFaultCode, keyOf } from "./configError.ts";
import { faultsOfIssue } from "./issues.ts";
import { type SettingSchema, settingIn } from "./schema.ts";
import { readSource } from "./source.ts";

/** What a definition may say. */
export type DefinitionGrammar<Parsed> = {
  readonly schema: z.ZodType<Parsed>;
  readonly jsonSchema: SettingSchema;
  /** What one field says of another. */
  readonly rules: (parsed: Parsed) => readonly {
    readonly path: readonly PropertyKey[];
    readonly code: DefinitionFaultCode;
    readonly message: string;
    readonly fix: string;
  }[];
};

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
  { schema, jsonSchema, rules }: DefinitionGrammar<Parsed>,
): Parsed {
  const source = readSource(text);
  if (source.value === undefined) throw new ConfigError("DEFINITION_SYNTAX", path, source.faults);
  const parsed = schema.safeParse(source.value, { reportInput: true });
  const issues = (parsed.error?.issues ?? []).flatMap((issue) =>
    faultsOfIssue(issue, source, (keys) => settingIn(jsonSchema, keys)),
  );
  const broken = (parsed.success ? rules(parsed.data) : []).map(
    ({ path: keys, ...fault }): ConfigFault => ({ ...source.positionOf(keys), key: keyOf(keys), ...fault }),
  );
  const faults = [...source.faults, ...issues, ...broken].sort(
    (left, right) => left.line - right.line || left.column - right.column,
  );
  if (!parsed.success || faults.length > 0) throw new ConfigError("DEFINITION_INVALID", path, faults);
  return parsed.data;
}
