/** `edso recover renounce`: a gateway gives up its epoch for good and reports what it knows of it. */
import { existsSync } from "node:fs";
import { Command } from "commander";
import { encodeReport } from "../core/ledger/chain/recoveryReport.ts";
import { CliError } from "./cliError.ts";
import type { CliDependencies, RenouncedEpoch } from "./dependencies.ts";
import { writeNewFile } from "./newFile.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";

type Flags = PlaceFlags & { readonly out: string; readonly json?: boolean };

/** @param dependencies of the composition root @returns the command group */
export function recoverCommand(dependencies: CliDependencies): Command {
  const recover = new Command("recover").description(
    "for a street that has lost its quorum for good; the GridAdmin goes on with `edso admin recover`",
  );
  withPlace(recover.command("renounce"))
    .description(
      "sign nothing of this epoch any more, and report to the GridAdmin; the agent must be stopped",
    )
    .requiredOption("--out <file>", "report to write")
    .option("--json", "print the result as JSON")
    .action((flags: Flags) => renounce(flags, dependencies));
  return recover;
}

async function renounce(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const config = configOf(flags, dependencies);
  if (existsSync(flags.out)) throw new CliError("CLI_FILE_EXISTS", { path: flags.out });
  const renounced = await dependencies.renounceEpoch(config);
  await writeNewFile(flags.out, encodeReport(renounced.signed));
  tell(renounced, flags, dependencies);
}

function tell({ signed, abstention }: RenouncedEpoch, flags: Flags, { terminal }: CliDependencies): void {
  const { epoch, head, prepared, isSound } = signed.report;
  const preparedHeight = prepared?.height ?? null;
  if (flags.json === true) {
    const { height, hash } = head;
    const body = { schema: "edso.renounced/1", file: flags.out, epoch, height, head: hash, preparedHeight };
    terminal.out(`${JSON.stringify({ ...body, sound: isSound, because: abstention?.reason ?? null })}\n`);
    return;
  }
  const above =
    preparedHeight === null
      ? "nothing that may be decided"
      : `block ${preparedHeight}, which may be decided, with its proof`;
  terminal.out(
    [
      `renounced epoch ${epoch}: this gateway signs no vote of it any more; metering goes on`,
      `  chain   height ${head.height}, head ${head.hash}`,
      `  above   ${above}`,
      isSound
        ? "  counts  yes"
        : `  counts  no: ${abstention?.reason ?? "no reason is known"}; give it to the GridAdmin all the same`,
      `  wrote   ${flags.out}`,
      "next:",
      "  1. give the report to the GridAdmin; the gateway with the greatest height also gives its blocks:",
      "     edso ledger export --format cbor > blocks.cbor",
      "  2. put the genesis you get back in the place of the old one, then start the agent",
      "",
    ].join("\n"),
  );
}
