/** `edso admin admit|revoke|rekey|reinstate`: the GridAdmin signs a change of who takes part. */
import type { Command } from "commander";
import { decode } from "../core/codec.ts";
import { maxFaulty } from "../core/consensus/quorum.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import {
  type Enrolment,
  enrolment,
  judgeEnrolment,
  MAX_ENROLMENT_BYTES,
} from "../core/membership/enrolment.ts";
import type { RosterChange } from "../core/membership/rosterDelta.ts";
import { type AdminFlags, adminOf, memberOf, withSigning } from "./adminSigning.ts";
import { CliError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { readGenesisFile } from "./genesisFile.ts";
import { readInputFile } from "./inputFile.ts";
import { writeTransaction } from "./transactionFile.ts";

type Flags = AdminFlags & { readonly guest?: boolean };

/** @param admin command group @param dependencies of the composition root */
export function addRosterCommands(admin: Command, dependencies: CliDependencies): void {
  withSigning(admin.command("admit"))
    .description("admit a household to a running street")
    .argument("<enrolment>", "its enrolment.cbor")
    .option("--guest", "metered and settled, without a vote")
    .action(async (path: string, flags: Flags) => {
      const change = {
        kind: "admit",
        enrolment: await readEnrolment(path, dependencies),
        isVoter: flags.guest !== true,
      } as const;
      await signChange(change, flags, dependencies);
    });
  withSigning(admin.command("rekey"))
    .description("give a household a new key; everything settled stays with it")
    .argument("<member>", "name or address")
    .argument("<enrolment>", "enrolment.cbor with the new key")
    .action(async (member: string, path: string, flags: Flags) => {
      const enrolled = await readEnrolment(path, dependencies);
      const context = await readGenesisFile(flags.genesis, dependencies.verify);
      await signChange(
        { kind: "rekey", member: memberOf(context, member), enrolment: enrolled },
        flags,
        dependencies,
      );
    });
  for (const [kind, description] of [
    ["revoke", "end a household's part in the street"],
    ["reinstate", "give a guest or a suspended voter its vote"],
  ] as const) {
    withSigning(admin.command(kind))
      .description(description)
      .argument("<member>", "name or address")
      .action(async (member: string, flags: Flags) => {
        const context = await readGenesisFile(flags.genesis, dependencies.verify);
        await signChange({ kind, member: memberOf(context, member) }, flags, dependencies);
      });
  }
}

async function signChange(change: RosterChange, flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const { context, admin, sequence } = await adminOf(flags, dependencies);
  await writeTransaction(flags.out, admin, context.roster, sequence, { kind: "roster", change });
  const told = { schema: "edso.roster-change/1", change: change.kind, sequence, file: flags.out };
  if (flags.json === true) return terminal.out(`${JSON.stringify(told)}\n`);
  terminal.out(`wrote ${flags.out}: ${change.kind}, transaction ${sequence} of the GridAdmin\n`);
  terminal.out("next: `edso submit FILE` on any gateway; active two blocks after the one that takes it\n");
  warnOfFewer(change, context, terminal);
}

/** Fewer voters may mean that a liar, or one more of them, is no longer survived. */
function warnOfFewer(
  change: RosterChange,
  { voters }: LedgerContext,
  terminal: CliDependencies["terminal"],
): void {
  if (change.kind !== "revoke") return;
  const before = voters.voters.length;
  if (maxFaulty(before - 1) >= maxFaulty(before)) return;
  terminal.error(
    `edso: warning: counted from the genesis, ${before - 1} voters survive ${maxFaulty(before - 1)} liars, ${before} survive ${maxFaulty(before)}\n`,
  );
}

async function readEnrolment(path: string, { verify }: CliDependencies): Promise<Enrolment> {
  const decoded = decode(await readInputFile(path, MAX_ENROLMENT_BYTES), enrolment, MAX_ENROLMENT_BYTES);
  const judged = decoded.kind === "accept" ? judgeEnrolment(decoded.value, verify) : decoded;
  if (judged.kind === "accept") return judged.value;
  throw new CliError("ENROLMENT_REFUSED", { why: `${path}: ${judged.code} ${judged.detail ?? ""}`.trim() });
}
