/** A policy as a YAML file: every fault with its line, column, key and fix, as of a configuration. */
import { resolve } from "node:path";
import { readBounded } from "./boundedFile.ts";
import { type PolicyFile, policyFileSchema, policyJsonSchema, type TariffEntry } from "./policySchema.ts";
import { type FileGrammar, parseFile } from "./yamlFile.ts";

const GRAMMAR: FileGrammar<PolicyFile> = {
  schema: policyFileSchema,
  jsonSchema: policyJsonSchema(),
  rules: (file) => [
    ...tariffFaults("tariff", file.tariff),
    ...tariffFaults("weekendTariff", file.weekendTariff ?? []),
  ],
};

/**
 * @param path of the YAML file
 * @returns what it says
 * @throws ConfigError `POLICY_FILE_MISSING`, `POLICY_FILE_UNREADABLE`, `POLICY_FILE_TOO_LARGE`, `POLICY_FILE_SYNTAX`, `POLICY_FILE_INVALID`
 */
export function readPolicyFile(path: string): PolicyFile {
  const file = resolve(path);
  return parsePolicyFile(readBounded(file, "POLICY_FILE"), file);
}

/** @param text of a file that need not exist @param path where it would stand @returns what it says @throws ConfigError `POLICY_FILE_SYNTAX`, `POLICY_FILE_INVALID` */
export function parsePolicyFile(text: string, path: string): PolicyFile {
  return parseFile(text, path, GRAMMAR, "POLICY_FILE");
}

/** The day is covered from its beginning on, each time once. */
function tariffFaults(key: string, entries: readonly TariffEntry[]) {
  return entries.flatMap(({ from }, index) => {
    const previous = entries[index - 1]?.from;
    const isRight = previous === undefined ? from === "00:00" : previous < from;
    const fix = previous === undefined ? 'begin with from: "00:00"' : `write a time after ${previous}`;
    const message =
      previous === undefined ? "does not begin the day" : "does not come after the entry before it";
    return isRight ? [] : [{ path: [key, index, "from"], code: "CONFIG_RANGE" as const, message, fix }];
  });
}
