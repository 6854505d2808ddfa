/** Writes a configuration file with a comment on every setting: what it is, its range, its default. */
import { expectation } from "./issues.ts";
import { type ConfigInput, configJsonSchema, type SettingSchema } from "./schema.ts";

/** File in which an editor finds the schema of a generated configuration, beside it. */
export const SCHEMA_FILE_NAME = "edso.schema.json";

const INDENT = "  ";

/**
 * @param values what is set; every other setting stands as a comment with its default
 * @returns the YAML text
 */
export function renderConfig(values: ConfigInput): string {
  const lines = [
    `# yaml-language-server: $schema=./${SCHEMA_FILE_NAME}`,
    "# Configuration of an edso gateway. `edso config check` names every fault with its line.",
    "",
    ...renderMap(configJsonSchema(), values, "with-comments"),
  ];
  return `${lines.join("\n")}\n`;
}

type Fields = Readonly<Record<string, unknown>>;
type Comments = "with-comments" | "without-comments";

function renderMap(schema: SettingSchema, values: Fields, comments: Comments): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, setting]) => {
    if (comments === "with-comments") {
      return [`# ${commentOf(setting)}`, ...renderSetting(key, setting, values[key], comments)];
    }
    return values[key] === undefined ? [] : renderSetting(key, setting, values[key], comments);
  });
}

function renderSetting(
  key: string,
  setting: SettingSchema,
  value: unknown,
  comments: Comments,
): readonly string[] {
  if (value === undefined) return renderAbsent(key, setting).map((line) => `# ${line}`);
  if (setting.type === "object") {
    return [`${key}:`, ...indented(renderMap(setting, value as Fields, comments))];
  }
  if (Array.isArray(value) && setting.items?.type === "object") {
    return [`${key}:`, ...indented(renderEntries(setting.items, value, comments))];
  }
  return [`${key}: ${JSON.stringify(value)}`];
}

/** A map without a setting would be empty, which is no map: so its key is a comment, too. */
function renderAbsent(key: string, setting: SettingSchema): readonly string[] {
  if (setting.items?.type === "object") return renderAbsentList(key, setting.items);
  if (setting.type !== "object")
    return [`${key}: ${JSON.stringify(setting.default ?? setting.examples?.[0] ?? null)}`];
  const inner = Object.entries(setting.properties ?? {}).flatMap(([name, property]) => [
    `# ${commentOf(property)}`,
    ...renderAbsent(name, property),
  ]);
  return [`${key}:`, ...indented(inner)];
}

/** One entry on one line, as an example; what its settings mean stands above it. */
function renderAbsentList(key: string, entry: SettingSchema): readonly string[] {
  const settings = Object.entries(entry.properties ?? {});
  const example = settings.map(
    ([name, { default: usual, examples, enum: choices }]) =>
      [name, usual ?? examples?.[0] ?? choices?.[0]] as const,
  );
  return [
    `# ${entry.description ?? ""}`,
    ...settings.map(([name, setting]) => `# ${commentOf(setting)} (${name})`),
    `${key}: [${JSON.stringify(Object.fromEntries(example))}]`,
  ];
}

/** Comments stand at the first entry of a list only. */
function renderEntries(
  schema: SettingSchema,
  values: readonly unknown[],
  comments: Comments,
): readonly string[] {
  return values.flatMap((value, index) => {
    const lines = renderMap(schema, value as Fields, index === 0 ? comments : "without-comments");
    return ["-", ...indented(lines)];
  });
}

function commentOf(setting: SettingSchema): string {
  const isPlain = setting.type === "object" || setting.items?.type === "object" || setting.type === "string";
  const isChoice = setting.enum !== undefined || setting.form !== undefined;
  const range = isPlain && !isChoice ? "" : ` ${sentence(expectation(setting))}`;
  const isTold = setting.default !== undefined && setting.type !== "object";
  return `${setting.description ?? ""}${range}${isTold ? ` Default ${JSON.stringify(setting.default)}.` : ""}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${INDENT}${line}`);
}
