/** `edso meter`: lists the kinds of meter there are; finds, tests, reads and watches those on a line. */
import { Command } from "commander";
import type { CliDependencies, MeterDefinitionInfo } from "./dependencies.ts";
import { lineSettings } from "./meterFailure.ts";
import { defineMeterMonitor } from "./meterMonitor.ts";
import { defineMeterProfile } from "./meterProfile.ts";
import { defineMeterRead } from "./meterRead.ts";
import { defineMeterScan } from "./meterScan.ts";
import { defineMeterSwap } from "./meterSwap.ts";
import { defineMeterTest } from "./meterTest.ts";
import { schemaCommand, validateCommand } from "./meterValidate.ts";
import { textTable } from "./textTable.ts";

/** @param dependencies of the composition root @returns the command group */
export function meterCommand(dependencies: CliDependencies): Command {
  const meter = new Command("meter").description(
    "list the kinds of meter; find, test, read, watch and swap them; check a definition of your own",
  );
  meter
    .command("list")
    .description("print the meter definitions there are")
    .option("--json", "print them as JSON")
    .action((flags: { readonly json?: boolean }) => list(flags.json === true, dependencies));
  defineMeterScan(meter.command("scan"), dependencies);
  defineMeterTest(meter.command("test"), dependencies);
  defineMeterRead(meter.command("read"), dependencies);
  defineMeterMonitor(meter.command("monitor"), dependencies);
  defineMeterProfile(meter.command("profile"), dependencies);
  defineMeterSwap(meter.command("swap"), dependencies);
  meter.addCommand(validateCommand(dependencies));
  meter.addCommand(schemaCommand(dependencies));
  return meter;
}

function list(isJson: boolean, { terminal, meterDefinitions }: CliDependencies): void {
  const definitions = meterDefinitions();
  if (isJson) {
    terminal.out(`${JSON.stringify({ schema: "edso.meters/2", definitions })}\n`);
    return;
  }
  const rows = definitions.map(({ id, maker, model, status, factory, tcp }) => [
    id,
    maker,
    model,
    factoryLine({ factory, tcp }),
    String((factory ?? tcp)?.unitId ?? "n/a"),
    status,
  ]);
  const headings = ["definition", "maker", "model", "factory line", "unit", "status"];
  terminal.out(`${textTable(headings, rows).join("\n")}\n`);
}

function factoryLine({ factory, tcp }: Pick<MeterDefinitionInfo, "factory" | "tcp">): string {
  if (factory !== null) return lineSettings(factory);
  return tcp === null ? "n/a" : `TCP ${tcp.port}`;
}
