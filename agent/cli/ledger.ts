/** `edso ledger`: shows, verifies and exports the chain of blocks of this gateway. */
import { Command, Option } from "commander";
import { encode } from "../core/codec.ts";
import { type ErrorDetail, isAgentError } from "../core/errors.ts";
import { hashBytes } from "../core/hash.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import { intervalIndex } from "../core/units.ts";
import { blockText } from "./blockText.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { readGenesisFile } from "./genesisFile.ts";
import { type NamedBlock, namedBlocks } from "./ledgerBlocks.ts";
import { framesText, ownFrames, ownMember } from "./ledgerFrames.ts";
import { type LedgerSource, openLedgerSource, type SourceOrder } from "./ledgerSource.ts";
import { type VerifyReport, verifyLedger } from "./ledgerVerify.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { wholeNumber } from "./wholeNumber.ts";

type Flags = PlaceFlags & { readonly json?: boolean };
type FramesFlags = Flags & { readonly interval: string };
type ExportFlags = PlaceFlags & {
  readonly from: string;
  readonly to?: string;
  readonly format: "json" | "cbor";
};

/** @param dependencies of the composition root @returns the command group */
export function ledgerCommand(dependencies: CliDependencies): Command {
  const ledger = new Command("ledger").description("show, verify and export this gateway's ledger");
  withPlace(ledger.command("show"))
    .argument("[height]", "which block (default: the newest)")
    .description("print one block")
    .option("--json", "print it as JSON")
    .action((height: string | undefined, flags: Flags) => show(height, flags, dependencies));
  withPlace(ledger.command("verify"))
    .description(
      "recompute every block from the genesis, check every signature, follow the trail of the voters",
    )
    .option("--json", "print the result as JSON")
    .action((flags: Flags) => verify(flags, dependencies));
  withPlace(ledger.command("export"))
    .description("print blocks for other programs: JSON lines, or a CBOR sequence")
    .option("--from <height>", "first block", "1")
    .option("--to <height>", "last block (default: the newest)")
    .addOption(
      new Option("--format <format>", "json lines, or cbor").choices(["json", "cbor"]).default("json"),
    )
    .action((flags: ExportFlags) => exportBlocks(flags, dependencies));
  withPlace(ledger.command("frames"))
    .description(
      "print the raw frames that an own reading was decoded from, and whether they are those it signs",
    )
    .requiredOption("--interval <interval>", "which interval")
    .option("--json", "print them as JSON")
    .action((flags: FramesFlags) => frames(flags, dependencies));
  return ledger;
}

/**
 * Opens the ledger of the gateway a command is about, and closes it whatever happens.
 *
 * @param flags which gateway
 * @param order which of store and agent is asked first
 * @param dependencies of the composition root
 * @param use what to do with it
 */
export async function withLedger(
  flags: PlaceFlags,
  order: SourceOrder,
  dependencies: CliDependencies,
  use: (source: LedgerSource, context: LedgerContext) => Promise<void>,
): Promise<void> {
  const config = configOf(flags, dependencies);
  const context = await readGenesisFile(config.genesisFile, dependencies.verify);
  const source = await openLedgerSource(config, order, dependencies);
  try {
    await use(source, context);
  } finally {
    await source.close();
  }
}

/** @param source of blocks @returns the newest height; 0 when nothing is committed yet */
export async function newestHeight(source: LedgerSource): Promise<number> {
  return (await source.head())?.height ?? 0;
}

async function show(height: string | undefined, flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const wanted = height === undefined ? null : wholeNumber("the height", height, 1, Number.MAX_SAFE_INTEGER);
  await withLedger(flags, "agent-first", dependencies, async (source, { roster }) => {
    const newest = await newestHeight(source);
    const at = wanted ?? newest;
    if (at === 0 || at > newest) throw new CliError("LEDGER_NO_BLOCK", { height: at, newestHeight: newest });
    for await (const { view } of namedBlocks(source, roster, at, at)) {
      terminal.out(flags.json === true ? `${JSON.stringify(view)}\n` : blockText(view, terminal.hasColour));
    }
  });
}

async function frames(flags: FramesFlags, dependencies: CliDependencies): Promise<void> {
  const interval = intervalIndex(wholeNumber("--interval", flags.interval, 0, Number.MAX_SAFE_INTEGER));
  const { name, dataDirectory } = configOf(flags, dependencies);
  await withLedger(flags, "agent-first", dependencies, async (source, { roster }) => {
    const self = await ownMember(roster, name, dataDirectory);
    const found = await ownFrames(source, self, interval);
    const body = flags.json === true ? `${JSON.stringify(found)}\n` : framesText(found);
    dependencies.terminal.out(body);
    const { framesHash, height, signedFramesHash } = found;
    if (framesHash !== signedFramesHash)
      throw new CliError("FRAMES_DIFFER", { interval, height, framesHash, signedFramesHash });
  });
}

function verify(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const json = (body: object) => terminal.out(`${JSON.stringify(body)}\n`);
  const told = withLedger(flags, "store-first", dependencies, async (source, context) => {
    if (source.kind === "agent") {
      terminal.error(
        "edso: the agent runs; its blocks are fetched from it, its stored state is not compared\n",
      );
    }
    const report = await verifyLedger(source, context);
    if (flags.json === true) json(report);
    else terminal.out(verifyText(report));
  });
  return told.catch((error) => {
    if (flags.json === true && isAgentError(error)) json(failureOf(error.code, error.detail));
    throw error;
  });
}

async function exportBlocks(flags: ExportFlags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  if (flags.format === "cbor" && terminal.isTerminal) {
    const fix = "redirect it: `edso ledger export --format cbor > FILE`";
    throw usageError("stdout is a terminal, and cbor is binary", fix);
  }
  const format = flags.format === "cbor" ? cborItem : jsonLine;
  const from = wholeNumber("--from", flags.from, 1, Number.MAX_SAFE_INTEGER);
  const last = flags.to === undefined ? null : wholeNumber("--to", flags.to, 1, Number.MAX_SAFE_INTEGER);
  await withLedger(flags, "agent-first", dependencies, async (source, { roster }) => {
    const newest = await newestHeight(source);
    const to = last ?? newest;
    if (to > newest) throw new CliError("LEDGER_NO_BLOCK", { height: to, newestHeight: newest });
    for await (const block of namedBlocks(source, roster, from, to)) await terminal.write(format(block));
  });
}

function jsonLine({ stored, view }: NamedBlock): string {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const bytes = { block: base64(stored.block), certificate: base64(stored.certificate) };
  return `${JSON.stringify({ ...view, ...bytes })}\n`;
}

/** One item of a sequence: height, hash, block, certificate. @source RFC 8742 */
function cborItem({ stored }: NamedBlock): Uint8Array {
  return encode([stored.height, hashBytes(stored.blockHash), stored.block, stored.certificate]);
}

function verifyText(report: VerifyReport): string {
  const own =
    report.outboxHeight === null
      ? "no own reading in a block yet"
      : `agrees up to block ${report.outboxHeight}`;
  const isStore = report.source === "store";
  const begins =
    report.base === 0
      ? []
      : [`  begins  with block ${report.base}, whose state a quorum certified; what came before is not here`];
  return [
    `ledger is sound: height ${report.height}, head ${report.head}, ${report.signatures} signatures checked`,
    ...begins,
    `  state   ${isStore ? "stored and recomputed state are equal" : "not compared: the agent holds it"}`,
    `  trail   ${isStore ? trailText(report) : "not followed: the agent holds it"}`,
    `  outbox  ${isStore ? own : "not compared: the agent holds it"}`,
    "",
  ].join("\n");
}

function trailText({ trail, base }: VerifyReport): string {
  if (trail === null) return "none that anybody follows: nothing settled in this epoch, or too many changes";
  const { changes, changesToBase } = trail;
  const toHead =
    changes === 0
      ? "no change of the roster in this epoch: the voters of the head are those it began with"
      : `changes of the roster that lead to the voters of the head: ${changes}, each certified`;
  return base === 0 || changes === 0 ? toHead : `${toHead}; up to block ${base}: ${changesToBase}`;
}

function failureOf(code: string, detail: ErrorDetail): object {
  const { height = null, reason = code } = detail;
  return { schema: "edso.ledger-verify/1", ok: false, code, height, reason };
}
