/** `edso dso`, `edso dso vote`, `edso evidence`, `edso submit`: who holds the office and why, and what may change it. */
import { Command } from "commander";
import type { DsoView, EvidenceView, TransactionView } from "../ports/governanceView.ts";
import type { ApiClient, CliDependencies } from "./dependencies.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { mandateText } from "./statusText.ts";
import { textTable } from "./textTable.ts";
import { readTransactionFile } from "./transactionFile.ts";

/** Options of a command that asks an agent. */
export type Flags = PlaceFlags & { readonly socket?: string; readonly json?: boolean };

/** @param dependencies of the composition root @returns the command group */
export function dsoCommand(dependencies: CliDependencies): Command {
  const dso = asking(
    new Command("dso"),
    "print who is DSO, since when, by which mandate, and who comes next",
  );
  dso.action(async (flags: Flags) => {
    const view = await clientOf(flags, dependencies).dso();
    print(flags, dependencies, view, dsoText);
  });
  dso
    .command("vote")
    .description("cast this gateway's ballot for the next DSO in this term; options as of `edso dso`")
    .argument("<name>", "name of a voter, or none to take the ballot back")
    .action(async (name: string, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const view = await clientOf(flags, dependencies).castBallot(name === "none" ? null : name);
      print(flags, dependencies, view, waitingText);
    });
  return dso;
}

/** @param dependencies of the composition root @returns the command */
export function evidenceCommand(dependencies: CliDependencies): Command {
  return asking(new Command("evidence"), "print whose contradictions are proven on the ledger").action(
    async (flags: Flags) => {
      const views = await clientOf(flags, dependencies).evidence();
      print(flags, dependencies, views, evidenceText);
    },
  );
}

/** @param dependencies of the composition root @returns the command */
export function submitCommand(dependencies: CliDependencies): Command {
  return asking(new Command("submit"), "hand a transaction of the GridAdmin to the street")
    .argument("<file>", "as `edso admin` wrote it")
    .action(async (path: string, flags: Flags) => {
      const bytes = await readTransactionFile(path);
      const view = await clientOf(flags, dependencies).submit(bytes);
      print(flags, dependencies, view, waitingText);
    });
}

/** @param command of its own @param description for its help @returns the same, asking the agent that its options name */
export function asking(command: Command, description: string): Command {
  return withPlace(command)
    .description(description)
    .option("--socket <path>", "socket of the agent, without a configuration")
    .option("--json", "print it as JSON");
}

/** @param flags as given @param dependencies of the composition root @returns the agent that is meant */
export function clientOf(flags: Flags, dependencies: CliDependencies): ApiClient {
  return dependencies.agentClient(flags.socket ?? configOf(flags, dependencies).api.socket);
}

/** @param flags as given @param dependencies with the terminal @param view the answer @param toText how people read it */
export function print<View>(
  flags: Flags,
  { terminal }: CliDependencies,
  view: View,
  toText: (view: View) => string,
): void {
  terminal.out(flags.json === true ? `${JSON.stringify(view)}\n` : toText(view));
}

function dsoText({
  office,
  candidates,
  ownBallot,
  withoutVote,
  pending,
  nextAdminSequence,
}: DsoView): string {
  const rows = candidates.map(({ name, ballots, absent, place }, index) => [
    `${index}`,
    name,
    `${ballots}`,
    absent === 0 ? "-" : `${absent}`,
    PLACES[place],
  ]);
  return [
    ...(office === null
      ? ["no DSO yet: the first block elects one"]
      : [
          `DSO       ${office.name}, term ${office.term} since height ${office.sinceHeight}, block ${office.blocksInTerm} of ${office.termMax}`,
          `mandate   ${mandateText(office.mandate)}`,
        ]),
    `ballot    ${ownBallot ?? "none of this gateway in this term"}`,
    ...withoutVote.map(({ name, because }) => `no vote   ${name}, ${because}`),
    ...(pending === null ? [] : [`coming    ${pending.change}, active at height ${pending.activeAt}`]),
    `admin     the GridAdmin's next transaction is number ${nextAdminSequence}`,
    "",
    ...textTable(["round", "candidate", "ballots", "absent", "why here"], rows, [
      "right",
      "left",
      "right",
      "right",
    ]),
    "",
  ].join("\n");
}

const PLACES: Readonly<Record<DsoView["candidates"][number]["place"], string>> = {
  incumbent: "holds the office",
  candidate: "ballots, then the order of the genesis",
  "term-over": "its term is over",
  "named-by-evidence": "named by evidence in the last block",
};

function evidenceText(views: readonly EvidenceView[]): string {
  if (views.length === 0) return "no contradiction is proven\n";
  const rows = views.map(({ offender, kind, place, provenAt, reportedBy }) => [
    offender,
    kind === "votes" ? `two votes at height ${place}` : `two readings of interval ${place}`,
    `${provenAt}`,
    reportedBy,
  ]);
  const table = textTable(["member", "contradiction", "in block", "reported by"], rows, [
    "left",
    "left",
    "right",
    "left",
  ]);
  return `${table.join("\n")}\n`;
}

/** @param view a transaction that waits @returns how people read it */
export function waitingText({ kind, signer, sequence, id }: TransactionView): string {
  return `${kind} of ${signer}, transaction ${sequence}, waits for a block\nid  ${id}\n`;
}
