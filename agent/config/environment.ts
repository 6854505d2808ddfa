/** Settings from the environment: `EDSO_LOG_LEVEL` stands above `log.level` of the file. */
import { configJsonSchema, type SettingSchema } from "./schema.ts";

/** A setting that the environment may give. Lines and meters are set in the file only. */
export type EnvironmentSetting = {
  readonly variable: string;
  readonly path: readonly string[];
  /** Several values, separated by commas. */
  readonly isList: boolean;
};

const PREFIX = "EDSO";

/** Every setting that has a variable. */
export const ENVIRONMENT_SETTINGS: readonly EnvironmentSetting[] = settingsOf(configJsonSchema(), []);

/**
 * Puts the variables that are set over the value of a file.
 *
 * @param value of the file; returned as it is when it is not a map
 * @param env variables of the process
 * @returns the value with the variables in it
 */
export function overrideFromEnvironment(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  return ENVIRONMENT_SETTINGS.reduce((result, setting) => {
    const text = env[setting.variable];
    if (text === undefined || text === "") return result;
    return withValue(
      result,
      setting.path,
      setting.isList ? text.split(",").map((part) => part.trim()) : text,
    );
  }, value);
}

/** @param path of a setting @param env variables of the process @returns the variable that gave it, or undefined */
export function variableOf(
  path: readonly PropertyKey[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const found = ENVIRONMENT_SETTINGS.find((setting) =>
    setting.path.every((step, index) => step === path[index]),
  );
  return found !== undefined && (env[found.variable] ?? "") !== "" ? found.variable : undefined;
}

function settingsOf(schema: SettingSchema, path: readonly string[]): readonly EnvironmentSetting[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, inner]) => settingsOf(inner, [...path, key]));
  }
  const isList = schema.type === "array";
  if (isList && schema.items?.type !== "string") return [];
  return [{ variable: [PREFIX, ...path.map(upperSnake)].join("_"), path, isList }];
}

function withValue(target: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (target !== undefined && !isMap(target)) return target;
  return { ...target, [key]: withValue(target?.[key], rest, value) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function upperSnake(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
