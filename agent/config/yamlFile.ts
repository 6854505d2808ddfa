/** A YAML file of a person's making against a grammar: every fault with its line, column, key and fix. */
import type * as z from "zod";
import { ConfigError, type ConfigFault, type ConfigFaultCode, keyOf } from "./configError.ts";
import { faultsOfIssue } from "./issues.ts";
import { type SettingSchema, settingIn } from "./schema.ts";
import { readSource } from "./source.ts";

/** What a file may say. */
export type FileGrammar<Parsed> = {
  readonly schema: z.ZodType<Parsed>;
  readonly jsonSchema: SettingSchema;
  /** What one field says of another. */
  readonly rules: (parsed: Parsed) => readonly {
    readonly path: readonly PropertyKey[];
    readonly code: ConfigFaultCode;
    readonly message: string;
    readonly fix: string;
  }[];
};

/**
 * @param text of a file that need not exist
 * @param path where it would stand
 * @param grammar of the file
 * @param kind what it is to be; the code of a failure begins with it
 * @returns what it says, in its form and without a fault
 * @throws ConfigError `…_SYNTAX`, `…_INVALID`
 */
export function parseFile<Parsed>(
  text: string,
  path: string,
  { schema, jsonSchema, rules }: FileGrammar<Parsed>,
  kind: "DEFINITION" | "POLICY_FILE",
): Parsed {
  const source = readSource(text);
  if (source.value === undefined) throw new ConfigError(`${kind}_SYNTAX`, path, source.faults);
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
  if (!parsed.success || faults.length > 0) throw new ConfigError(`${kind}_INVALID`, path, faults);
  return parsed.data;
}
