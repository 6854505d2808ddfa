/** `edso admin recover`: the GridAdmin judges the reports of a street without a quorum and signs its next epoch. */
import { existsSync } from "node:fs";
import { Command } from "commander";
import { equalBytes } from "../core/bytes.ts";
import { isProvenBy } from "../core/consensus/recoveryCount.ts";
import { ZERO_HASH } from "../core/hash.ts";
import { verifyNext } from "../core/ledger/chain/chain.ts";
import { type JudgedReport, judgeReport, type ReportedChain } from "../core/ledger/chain/judgeReport.ts";
import { planRecovery, type RecoveryPlan } from "../core/ledger/chain/recover.ts";
import { MAX_REPORT_BYTES, readReport } from "../core/ledger/chain/recoveryReport.ts";
import {
  chainContext,
  contextOfNext,
  genesisState,
  type LedgerContext,
} from "../core/ledger/state/context.ts";
import type { MemberId } from "../core/membership/address.ts";
import { recoverySignBytes } from "../core/membership/epoch.ts";
import {
  encodeGenesisFile,
  type GenesisFile,
  MAX_GENESIS_FILE_BYTES,
  openGenesisFile,
} from "../core/membership/genesisFile.ts";
import { readBlocksFile } from "./blocksFile.ts";
import { CliError } from "./cliError.ts";
import type { CliDependencies, Identity } from "./dependencies.ts";
import { readInputFile } from "./inputFile.ts";
import { writeNewFile } from "./newFile.ts";
import { recoveryJson, recoveryText } from "./recoveryText.ts";

/** Options as the command line gives them. */
export type RecoverFlags = {
  readonly genesis: string;
  readonly blocks?: string;
  readonly out: string;
  readonly adminKeys: string;
  readonly lost?: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
};

/** @param dependencies of the composition root @returns the command */
export function adminRecoverCommand(dependencies: CliDependencies): Command {
  return new Command("recover")
    .description("sign the next epoch of a street that has lost its quorum for good")
    .argument("<reports...>", "report of every gateway that renounced the present one")
    .requiredOption("--genesis <file>", "genesis of the present epoch")
    .option("--blocks <file>", "blocks of the longest chain, from `edso ledger export --format cbor`")
    .requiredOption("--out <file>", "genesis of the next epoch to write")
    .requiredOption("--admin-keys <dir>", "the GridAdmin's keys")
    .option("--lost <name>", "voter that is lost for good and leaves; repeat for each", collect)
    .option("--force", "sign although blocks may be lost, and say so in the genesis")
    .option("--json", "print the result as JSON")
    .action((paths: readonly string[], flags: RecoverFlags) => recover(paths, flags, dependencies));
}

async function recover(
  paths: readonly string[],
  flags: RecoverFlags,
  dependencies: CliDependencies,
): Promise<void> {
  if (existsSync(flags.out)) throw new CliError("CLI_FILE_EXISTS", { path: flags.out });
  const file = await presentGenesis(flags.genesis, dependencies);
  const admin = await adminOf(file, flags.adminKeys, dependencies);
  const chain = await walkBlocks(chainContext(file, dependencies.verify), flags.blocks);
  const reports = await readReports(paths, chain);
  const plan = planFor(chain, reports, flags.lost ?? []);
  if (!isProvenBy(plan.count) && flags.force !== true) throw tooFew(plan);
  const { recovery, adopted } = plan;
  const signed = { recovery, signature: await admin.sign(recoverySignBytes(recovery)) };
  const next: GenesisFile = { genesis: file.genesis, recoveries: [...file.recoveries, signed], adopted };
  const encoded = encodeGenesisFile(next);
  const judged = openGenesisFile(encoded, dependencies.verify);
  if (judged.kind !== "accept") throw refused(`${judged.code} ${judged.detail ?? ""}`);
  await writeNewFile(flags.out, encoded);
  const context = chainContext(next, dependencies.verify);
  const text = flags.json === true ? recoveryJson : recoveryText;
  dependencies.terminal.out(text({ plan, context, file: flags.out }));
}

async function presentGenesis(path: string, { verify }: CliDependencies): Promise<GenesisFile> {
  const read = openGenesisFile(await readInputFile(path, MAX_GENESIS_FILE_BYTES), verify);
  if (read.kind === "accept") return read.value;
  throw new CliError("GENESIS_REFUSED", { path, why: `${path}: ${read.code} ${read.detail ?? ""}`.trim() });
}

async function adminOf(
  { genesis }: GenesisFile,
  directory: string,
  dependencies: CliDependencies,
): Promise<Identity> {
  const admin = await dependencies.loadIdentity(directory);
  if (equalBytes(admin.publicKey, genesis.body.gridAdminKey)) return admin;
  throw new CliError("RECOVERY_NOT_ADMIN", {
    directory,
    why: "its key is not the one that signed the genesis",
  });
}

/** Nothing of a chain is believed: every block is recomputed, and by that who votes at its head. */
async function walkBlocks(context: LedgerContext, path: string | undefined): Promise<ReportedChain> {
  let state = genesisState(context);
  const hashes = [ZERO_HASH];
  for (const entry of path === undefined ? [] : await readBlocksFile(path)) {
    const verified = verifyNext(context, state, entry);
    if (verified.kind !== "accept") {
      const { code: reason, detail } = verified;
      const why = `${path}: height ${entry.height}: ${reason} ${detail ?? ""}`.trim();
      throw new CliError("RECOVERY_BLOCKS_DAMAGED", { height: entry.height, reason, why });
    }
    state = verified.value.state;
    hashes.push(state.head);
  }
  return { context, state, hashAt: (height) => hashes[height] ?? ZERO_HASH };
}

/** Every report is judged, so that one run names all that are refused; none is passed over in silence. */
async function readReports(paths: readonly string[], chain: ReportedChain): Promise<readonly JudgedReport[]> {
  const judged = await Promise.all(
    paths.map(async (path) => {
      const read = readReport(await readInputFile(path, MAX_REPORT_BYTES));
      return { path, verdict: read.kind === "accept" ? judgeReport(chain, read.value) : read };
    }),
  );
  const faults = judged.flatMap(({ path, verdict }) =>
    verdict.kind === "accept"
      ? []
      : [{ code: verdict.code, text: `${path}: ${verdict.code} ${verdict.detail ?? ""}`.trim() }],
  );
  const why = faults.map(({ text }) => text).join("; ");
  if (faults.some(({ code }) => code === "REPORT_AHEAD"))
    throw new CliError("RECOVERY_BLOCKS_SHORT", { height: chain.state.height, why });
  if (faults.length > 0) throw new CliError("RECOVERY_REPORT_REFUSED", { why });
  return judged.flatMap(({ verdict }) => (verdict.kind === "accept" ? [verdict.value] : []));
}

function planFor(
  chain: ReportedChain,
  reports: readonly JudgedReport[],
  lostNames: readonly string[],
): RecoveryPlan {
  const { roster } = contextOfNext(chain.context, chain.state);
  const lost = lostNames.map((name): MemberId => {
    const member = roster.members.find((candidate) => candidate.name === name);
    if (member === undefined) throw refused(`there is no member ${name}`);
    return member.id;
  });
  const plan = planRecovery(chain, reports, lost);
  if (plan.kind === "accept") return plan.value;
  const member = roster.members.find(({ id }) => id === plan.detail)?.name ?? plan.detail;
  throw refused(`${plan.code} ${member ?? ""}`);
}

function tooFew({ count }: RecoveryPlan): CliError {
  const { voters, needed, sound, missing } = count;
  const why = `of ${voters} voters ${needed} sound reports prove what was decided; there are ${sound}, ${missing} too few`;
  return new CliError("RECOVERY_TOO_FEW", { why, needed, sound, missing });
}

function refused(why: string): CliError {
  return new CliError("RECOVERY_REFUSED", { why: why.trim() });
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
