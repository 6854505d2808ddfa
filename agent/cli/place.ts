/** Which gateway a command is about: `--config FILE`, `--data DIR`, `EDSO_CONFIG`, or the service's own. */
import { join } from "node:path";
import type { Command } from "commander";
import { type Environment, loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { faultOfDefinition } from "./definitionChoice.ts";
import type { CliDependencies } from "./dependencies.ts";

/** Name of the configuration in a data directory. */
export const CONFIG_FILE_NAME = "edso.yaml";

/** Where the service has it. @source Filesystem Hierarchy Standard 3.0, section 3.7 */
const SERVICE_CONFIG = "/etc/edso/edso.yaml";

/** Options that {@link withPlace} adds. */
export type PlaceFlags = { readonly config?: string; readonly data?: string };

/** @param command to be told which gateway @returns the same, with `--config` and `--data` */
export function withPlace(command: Command): Command {
  return command
    .option("--config <file>", `configuration (default: EDSO_CONFIG, else ${SERVICE_CONFIG})`)
    .option("--data <dir>", `data directory with its ${CONFIG_FILE_NAME}`);
}

/** @param flags as given @param env of the process @returns path of the configuration */
export function configPath(flags: PlaceFlags, env: Environment): string {
  if (flags.config !== undefined) return flags.config;
  if (flags.data !== undefined) return join(flags.data, CONFIG_FILE_NAME);
  return env.EDSO_CONFIG ?? SERVICE_CONFIG;
}

/**
 * @param flags as given
 * @param dependencies environment and meter definitions
 * @returns the configuration
 * @throws ConfigError
 */
export function configOf(flags: PlaceFlags, dependencies: CliDependencies): Config {
  const definitions = dependencies.meterDefinitions().map(({ id }) => id);
  const definitionFault = (path: string) => faultOfDefinition(path, dependencies);
  return loadConfig(configPath(flags, dependencies.env), dependencies.env, { definitions, definitionFault });
}
