/** Turns what the schema refuses into faults that say what was seen and how to mend it. */
import type * as z from "zod";
import { type ConfigFault, type ConfigFaultCode, keyOf } from "./configError.ts";
import { nearest } from "./nearest.ts";
import { type SettingSchema, settingAt } from "./schema.ts";
import type { ConfigSource } from "./source.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
/** What is known of a setting. */
type Lookup = (path: Path) => SettingSchema | undefined;

/**
 * @param issue of the schema, with the refused input
 * @param source positions of the file
 * @param lookup what is known of a setting; by default of the configuration's
 * @returns one fault, or one per unknown key
 */
export function faultsOfIssue(
  issue: Issue,
  source: ConfigSource,
  lookup: Lookup = settingAt,
): readonly ConfigFault[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(issue.path, key, source, lookup));
  }
  const setting = lookup(issue.path);
  if (issue.input === undefined) return [missingKey(issue.path, source, setting)];
  const { code, message } = refusal(issue, setting);
  const fix = fixOf(code, issue.input, setting, source.textAt(issue.path));
  return [{ ...source.positionOf(issue.path), key: keyOf(issue.path), code, message, fix }];
}

/** @param setting as the schema describes it @returns what may stand there, for people */
export function expectation(setting: SettingSchema | undefined): string {
  if (setting === undefined) return "another value";
  const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
  if (setting.form !== undefined) return setting.form;
  if (setting.enum !== undefined) return `one of ${setting.enum.join(", ")}${unit}`;
  switch (setting.type) {
    case "integer":
      return `a whole number from ${setting.minimum} to ${setting.maximum}${unit}`;
    case "boolean":
      return "true or false";
    case "array":
      return `a list of ${setting.minItems} to ${setting.maxItems} entries`;
    case "object":
      return `a map with ${Object.keys(setting.properties ?? {}).join(", ")}`;
    default:
      return "a text";
  }
}

function unknownKey(path: Path, key: string, source: ConfigSource, lookup: Lookup): ConfigFault {
  const known = Object.keys(lookup(path)?.properties ?? {});
  const meant = nearest(key, known);
  return {
    ...source.keyPositionOf(path, key),
    key: keyOf([...path, key]),
    code: "CONFIG_UNKNOWN_KEY",
    message: `there is no setting ${key} here`,
    fix: meant === undefined ? `remove it; known here: ${known.join(", ")}` : `write ${meant}`,
  };
}

function missingKey(path: Path, source: ConfigSource, setting: SettingSchema | undefined): ConfigFault {
  const example = setting?.examples?.[0];
  const sample =
    example === undefined ? `with ${expectation(setting)}` : `such as ${JSON.stringify(example)}`;
  return {
    ...source.positionOf(path),
    key: keyOf(path),
    code: "CONFIG_MISSING_KEY",
    message: `is missing: ${setting?.description ?? "a required setting"}`,
    fix: `add ${String(path.at(-1) ?? "it")}, ${sample}`,
  };
}

function refusal(
  issue: Issue,
  setting: SettingSchema | undefined,
): { code: ConfigFaultCode; message: string } {
  const seen = seenAs(issue.input);
  switch (issue.code) {
    case "invalid_type":
      if (isFraction(issue)) return { code: "CONFIG_TYPE", message: `is ${seen}, not a whole number` };
      return { code: "CONFIG_TYPE", message: `is ${seen}, not ${kindOf(setting)}` };
    case "invalid_value":
      return { code: "CONFIG_CHOICE", message: `is ${seen}, which is no choice` };
    case "too_small":
      return { code: "CONFIG_RANGE", message: `is ${seen}: less than ${issue.minimum}` };
    case "too_big":
      return { code: "CONFIG_RANGE", message: `is ${seen}: more than ${issue.maximum}` };
    default:
      return { code: "CONFIG_FORM", message: `is ${seen}, which has not the form it needs` };
  }
}

function fixOf(
  code: ConfigFaultCode,
  input: unknown,
  setting: SettingSchema | undefined,
  text: string | undefined,
): string {
  const isUnquoted = setting?.type === "string" && setting.enum === undefined && typeof input !== "string";
  if (code === "CONFIG_TYPE" && isUnquoted && text !== undefined && text !== "") {
    return `put it in quotes: "${text}"`;
  }
  const meant = nearest(String(input), (setting?.enum ?? []).map(String));
  if (meant !== undefined) return `write ${meant}`;
  return `write ${expectation(setting)}`;
}

function kindOf(setting: SettingSchema | undefined): string {
  if (setting?.type === "string") return "a text";
  if (setting?.type === "array") return "a list";
  if (setting?.type === "object") return "a map";
  return expectation(setting);
}

function isFraction(issue: Issue): boolean {
  return typeof issue.input === "number" && issue.code === "invalid_type" && issue.expected === "int";
}

function seenAs(input: unknown): string {
  if (input === null) return "empty";
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (typeof input === "object") return "a map";
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
