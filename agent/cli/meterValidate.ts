/** `edso meter validate` and `edso meter schema`: an installer's own meter definition. */
import { Command } from "commander";
import { ConfigError } from "../config/configError.ts";
import type { CliDependencies, DefinitionSummary } from "./dependencies.ts";

/** @param dependencies of the composition root @returns the command */
export function validateCommand(dependencies: CliDependencies): Command {
  return new Command("validate")
    .description(
      "check a meter definition of your own, naming every fault with its line, column, key and fix",
    )
    .argument("<file>", "YAML file")
    .option("--json", "print the result as JSON")
    .action((file: string, flags: { readonly json?: boolean }) =>
      validate(file, flags.json === true, dependencies),
    );
}

/** @param dependencies of the composition root @returns the command */
export function schemaCommand({ terminal, definitionJsonSchema }: CliDependencies): Command {
  return new Command("schema")
    .description("print the JSON Schema of a meter definition")
    .action(() => terminal.out(`${JSON.stringify(definitionJsonSchema(), null, 2)}\n`));
}

function validate(file: string, isJson: boolean, { terminal, readDefinition }: CliDependencies): void {
  const json = (body: object) =>
    terminal.out(`${JSON.stringify({ schema: "edso.definition-check/1", file, ...body })}\n`);
  try {
    const definition = readDefinition(file);
    if (isJson) json({ ok: true, faults: [], definition });
    else terminal.out(`${file}: no fault; ${summary(definition)}\n`);
  } catch (error) {
    if (isJson && error instanceof ConfigError) json({ ok: false, faults: error.faults });
    throw error;
  }
}

function summary(definition: DefinitionSummary): string {
  const { maker, model, status, quantities, sampleReads, allReads } = definition;
  return `${maker} ${model}, ${status}, quantities ${quantities.length}, reads of a sample ${sampleReads}, of everything ${allReads}`;
}
