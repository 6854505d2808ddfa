/** Reads a configuration: file, then environment over it, then every check; a Config or one error with every fault. */
import { dirname, join, resolve } from "node:path";
import { readBounded } from "./boundedFile.ts";
import { ConfigError, type ConfigFault, keyOf } from "./configError.ts";
import { overrideFromEnvironment, variableOf } from "./environment.ts";
import { faultsOfIssue } from "./issues.ts";
import { isNetworkAddress } from "./lineAddress.ts";
import { type DefinitionRules, faultsOfMeters } from "./meterRules.ts";
import { type Config, configSchema, isDefinitionFile, type ParsedConfig } from "./schema.ts";
import { type ConfigSource, readSource } from "./source.ts";

/** Longest path of a unix socket in bytes: 108 with the terminating zero. @source unix(7), "Address format" */
export const MAX_SOCKET_PATH_BYTES = 107;

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the checks need to know of the rest of the product. */
export type LoadOptions = {
  /** Identifiers of the meter definitions there are; without it they are not checked. */
  readonly definitions?: readonly string[];
  /** Tells why a file holds no meter definition, or undefined when it does; without it files are not looked into. */
  readonly definitionFault?: (path: string) => string | undefined;
};

/** One setting with where its value comes from: `edso.yaml:3:7`, `EDSO_LOG_LEVEL` or `default`. */
export type SettingOrigin = { readonly key: string; readonly value: unknown; readonly origin: string };

type Loaded = { readonly config: Config; readonly source: ConfigSource; readonly path: string };

/**
 * @param path of the YAML file
 * @param env variables that stand above the file
 * @param options what else is checked
 * @returns every setting, paths resolved against the file's directory
 * @throws ConfigError `CONFIG_MISSING`, `CONFIG_UNREADABLE`, `CONFIG_TOO_LARGE`, `CONFIG_SYNTAX`, `CONFIG_INVALID`
 */
export function loadConfig(path: string, env: Environment, options: LoadOptions = {}): Config {
  return load(path, env, options).config;
}

/**
 * @param text of a file that need not exist
 * @param path where it would stand
 * @param options what else is checked
 * @returns every setting, paths resolved against the file's directory
 * @throws ConfigError `CONFIG_SYNTAX`, `CONFIG_INVALID`
 */
export function parseConfig(text: string, path: string, options: LoadOptions = {}): Config {
  return parse(text, resolve(path), {}, options).config;
}

/**
 * @param path of the YAML file
 * @param env variables that stand above the file
 * @returns every setting in the order of the schema, with its origin
 * @throws ConfigError as {@link loadConfig}
 */
export function explainConfig(path: string, env: Environment): readonly SettingOrigin[] {
  const { config, source, path: file } = load(path, env, {});
  return leaves(config, []).map(({ path: keys, value }) => ({
    key: keyOf(keys),
    value,
    origin: originOf(keys, source, env, file),
  }));
}

function load(path: string, env: Environment, options: LoadOptions): Loaded {
  const file = resolve(path);
  return parse(readBounded(file, "CONFIG"), file, env, options);
}

function parse(text: string, file: string, env: Environment, options: LoadOptions): Loaded {
  const source = readSource(text);
  if (source.value === undefined) throw new ConfigError("CONFIG_SYNTAX", file, source.faults);
  const value = overrideFromEnvironment(source.value, env);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  const issues = parsed.error?.issues.flatMap((issue) => faultsOfIssue(issue, source)) ?? [];
  const meters = faultsOfMeters(value, source, definitionRules(options, dirname(file)));
  const faults = [...source.faults, ...issues, ...meters];
  const config = parsed.success ? resolvePaths(parsed.data, dirname(file)) : undefined;
  const all = [...faults, ...(config === undefined ? [] : faultsOfSocket(config, source))]
    .map((fault) => namedAfterVariable(fault, env))
    .sort((left, right) => left.line - right.line || left.column - right.column);
  if (config === undefined || all.length > 0) throw new ConfigError("CONFIG_INVALID", file, all);
  return { config, source, path: file };
}

function resolvePaths(parsed: ParsedConfig, directory: string): Config {
  const dataDirectory = resolve(directory, parsed.dataDirectory);
  const socket = parsed.api.socket;
  return {
    ...parsed,
    dataDirectory,
    genesisFile: resolve(directory, parsed.genesisFile),
    api: { socket: socket === undefined ? join(dataDirectory, "agent.sock") : resolve(directory, socket) },
    lines: parsed.lines.map((line) => ({
      ...line,
      port: portOf(line.port, directory),
      meters: line.meters.map((meter) => ({
        ...meter,
        definition: definitionAt(directory, meter.definition),
      })),
    })),
  };
}

function definitionAt(directory: string, definition: string): string {
  return isDefinitionFile(definition) ? resolve(directory, definition) : definition;
}

function definitionRules({ definitions, definitionFault }: LoadOptions, directory: string): DefinitionRules {
  return {
    known: definitions,
    ...(definitionFault === undefined
      ? {}
      : { faultOfFile: (name: string) => definitionFault(resolve(directory, name)) }),
  };
}

function portOf(text: string, directory: string): string {
  return isNetworkAddress(text) ? text : resolve(directory, text);
}

function faultsOfSocket(config: Config, source: ConfigSource): readonly ConfigFault[] {
  const bytes = new TextEncoder().encode(config.api.socket).length;
  if (bytes <= MAX_SOCKET_PATH_BYTES) return [];
  const path = source.has(["api", "socket"]) ? ["api", "socket"] : ["dataDirectory"];
  return [
    {
      ...source.positionOf(path),
      key: "api.socket",
      code: "CONFIG_SOCKET_TOO_LONG",
      message: `${config.api.socket} has ${bytes} bytes; the path of a socket has at most ${MAX_SOCKET_PATH_BYTES}`,
      fix: "set api.socket to a short path, such as /run/edso/agent.sock",
    },
  ];
}

/** A value that the environment gave is mended there, not in the file. */
function namedAfterVariable(fault: ConfigFault, env: Environment): ConfigFault {
  const variable = variableOf(fault.key.split(/[.[\]]+/), env);
  return variable === undefined ? fault : { ...fault, line: 0, column: 0, key: variable };
}

function originOf(
  keys: readonly PropertyKey[],
  source: ConfigSource,
  env: Environment,
  file: string,
): string {
  const variable = variableOf(keys, env);
  if (variable !== undefined) return variable;
  if (!source.has(keys)) return "default";
  const { line, column } = source.positionOf(keys);
  return `${file}:${line}:${column}`;
}

function leaves(
  value: unknown,
  path: readonly PropertyKey[],
): readonly { path: readonly PropertyKey[]; value: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => leaves(entry, [...path, index]));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, entry]) => leaves(entry, [...path, key]));
  }
  return [{ path, value }];
}
