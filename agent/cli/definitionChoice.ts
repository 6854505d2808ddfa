/** Which kind of meter is meant, one of ours or a file, and what has to be said when it is chosen. */
import { ConfigError, faultText } from "../config/configError.ts";
import { isDefinitionFile } from "../config/schema.ts";
import type { CliDependencies, MeterDefinitionInfo } from "./dependencies.ts";

/**
 * @param definition identifier or file
 * @param dependencies the kinds there are, and how a file is read
 * @returns what is known of it, or undefined when there is no such kind
 * @throws ConfigError `DEFINITION_…` for a file that holds none
 */
export function chosenDefinition(
  definition: string,
  dependencies: Pick<CliDependencies, "meterDefinitions" | "readDefinition">,
): MeterDefinitionInfo | undefined {
  if (isDefinitionFile(definition)) return dependencies.readDefinition(definition);
  return dependencies.meterDefinitions().find(({ id }) => id === definition);
}

/**
 * @param path of a definition file
 * @param dependencies how it is read
 * @returns why it cannot be used, in one line; undefined when it can
 */
export function faultOfDefinition(
  path: string,
  dependencies: Pick<CliDependencies, "readDefinition">,
): string | undefined {
  try {
    dependencies.readDefinition(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.faults;
    if (first === undefined) return error.code;
    const more = error.faults.length > 1 ? `, and ${error.faults.length - 1} more` : "";
    return `${faultText(first, path)}${more}`;
  }
}

/**
 * @param chosen kind of meter
 * @param withCautions false leaves out what only whoever fits the meter has to know. Default true
 * @returns what has to be said, one line each: the one warning of an experimental kind, and its cautions
 */
export function definitionWarning(
  { id, status, cautions }: MeterDefinitionInfo,
  withCautions = true,
): readonly string[] {
  const warning = `warning: ${id} is experimental: nobody else confirms its registers; compare every value with the meter's display`;
  return [
    ...(status === "confirmed" ? [] : [warning]),
    ...(withCautions ? cautions.map((caution) => `note: ${id}: ${caution}`) : []),
  ];
}
