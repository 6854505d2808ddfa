/** `edso config`: checks a configuration, shows what holds and why, prints its schema. */
import { Command } from "commander";
import { ConfigError } from "../config/configError.ts";
import { explainConfig } from "../config/load.ts";
import { configJsonSchema, type LineConfig } from "../config/schema.ts";
import { chosenDefinition, definitionWarning } from "./definitionChoice.ts";
import type { CliDependencies } from "./dependencies.ts";
import { configOf, configPath, type PlaceFlags, withPlace } from "./place.ts";
import { textTable } from "./textTable.ts";

type Flags = PlaceFlags & { readonly json?: boolean; readonly origin?: boolean };

/** @param dependencies of the composition root @returns the command group */
export function configCommand(dependencies: CliDependencies): Command {
  const config = new Command("config").description("check, show and describe the configuration");
  withPlace(config.command("check"))
    .description("name every fault with its line, column, key and fix")
    .option("--json", "print the result as JSON")
    .action((flags: Flags) => check(flags, dependencies));
  withPlace(config.command("show"))
    .description("print every setting that holds")
    .option("--origin", "print where each comes from")
    .option("--json", "print the settings as JSON")
    .action((flags: Flags) => show(flags, dependencies));
  config
    .command("schema")
    .description("print the JSON Schema of the configuration")
    .action(() => dependencies.terminal.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
  return config;
}

function check(flags: Flags, dependencies: CliDependencies): void {
  const { terminal } = dependencies;
  const file = configPath(flags, dependencies.env);
  const json = (body: object) =>
    terminal.out(`${JSON.stringify({ schema: "edso.config-check/1", file, ...body })}\n`);
  try {
    const { lines } = configOf(flags, dependencies);
    const meters = lines.reduce((count, line) => count + line.meters.length, 0);
    if (flags.json === true) json({ ok: true, faults: [] });
    else terminal.out(`${file}: no fault; lines ${lines.length}, meters ${meters}\n`);
    if (flags.json !== true) warnOfDefinitions(lines, dependencies);
  } catch (error) {
    if (flags.json === true && error instanceof ConfigError) json({ ok: false, faults: error.faults });
    throw error;
  }
}

/** Each kind once; a file that holds none was a fault before. */
function warnOfDefinitions(lines: readonly LineConfig[], dependencies: CliDependencies): void {
  const ids = new Set(lines.flatMap((line) => line.meters.map(({ definition }) => definition)));
  for (const id of ids) {
    const info = chosenDefinition(id, dependencies);
    for (const line of info === undefined ? [] : definitionWarning(info, false))
      dependencies.terminal.error(`edso: ${line}\n`);
  }
}

function show(flags: Flags, { env, terminal }: CliDependencies): void {
  const settings = explainConfig(configPath(flags, env), env);
  if (flags.json === true) {
    terminal.out(`${JSON.stringify({ schema: "edso.config/1", settings })}\n`);
    return;
  }
  const rows = settings.map(({ key, value, origin }) => {
    const cells = [key, JSON.stringify(value)];
    return flags.origin === true ? [...cells, origin] : cells;
  });
  const headings = flags.origin === true ? ["setting", "value", "origin"] : ["setting", "value"];
  terminal.out(`${textTable(headings, rows).join("\n")}\n`);
}
