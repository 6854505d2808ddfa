/** `edso admin`: the GridAdmin judges the enrolments of a microgrid and signs its genesis. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { fromHex } from "../core/bytes.ts";
import { decode } from "../core/codec.ts";
import { gridAdminIdOf } from "../core/membership/address.ts";
import { CONTRACTS } from "../core/membership/contracts.ts";
import {
  type Enrolment,
  enrolledMember,
  enrolment,
  judgeEnrolment,
  MAX_ENROLMENT_BYTES,
} from "../core/membership/enrolment.ts";
import {
  chainIdOf,
  encodeGenesis,
  type Genesis,
  type GenesisBody,
  GRID_MODES,
  type GridMode,
  genesisSignBytes,
  INTERVAL_RANGE_MS,
  readGenesis,
} from "../core/membership/genesis.ts";
import { intervalAt, laterInterval } from "../core/metering/interval.ts";
import { type IntervalIndex, intervalIndex, unixMs } from "../core/units.ts";
import { addMoneyCommands } from "./adminMoney.ts";
import { adminRecoverCommand } from "./adminRecover.ts";
import { addRosterCommands } from "./adminRoster.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies, Identity } from "./dependencies.ts";
import { readInputFile } from "./inputFile.ts";
import { writeNewFile } from "./newFile.ts";
import { readSignedPolicy } from "./signedPolicyFile.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

const SEED_BYTES = 32;
const PUBLIC_KEY_HEX = /^0[23][0-9a-f]{64}$/;
const MAX_TERM = 1_000_000_000;
const MAX_TIME_LAPSE = 86_400;

/** Options as the command line gives them. */
export type GenesisFlags = {
  readonly out: string;
  readonly adminKeys: string;
  readonly microgrid: string;
  readonly intervalSeconds: string;
  readonly mode: GridMode;
  readonly termMax: string;
  readonly firstInterval: string;
  readonly timeLapse: string;
  readonly regulator?: string;
  readonly policy?: readonly string[];
  readonly json?: boolean;
};

/** @param dependencies of the composition root @returns the command group */
export function adminCommand(dependencies: CliDependencies): Command {
  const admin = new Command("admin").description("the GridAdmin's tools; its keys belong on no gateway");
  admin
    .command("genesis")
    .description("sign the genesis of a microgrid from its members' enrolments")
    .argument("<enrolments...>", "enrolment.cbor of every member")
    .requiredOption("--out <file>", "genesis to write")
    .requiredOption("--admin-keys <dir>", "the GridAdmin's keys; made when absent")
    .requiredOption("--microgrid <id>", "name of the microgrid")
    .option("--interval-seconds <s>", "length of an interval", "900")
    .addOption(
      new Option("--mode <mode>", "with or without a base-load supplier")
        .choices(GRID_MODES)
        .default("islanded"),
    )
    .option("--term-max <blocks>", "blocks after which a DSO's term ends", "96")
    .option("--first-interval <number>", "interval that block 1 begins with, or now for the next one", "now")
    .option("--time-lapse <factor>", "metered seconds per second; above 1 for simulated meters only", "1")
    .option("--regulator <hex>", "the Regulator's public key; without it the GridAdmin is the Regulator too")
    .option("--policy <file>", "a policy that the Regulator signed; repeat for each, oldest first", collect)
    .option("--json", "print the result as JSON")
    .action((paths: readonly string[], flags: GenesisFlags) => signGenesis(paths, flags, dependencies));
  admin.addCommand(adminRecoverCommand(dependencies));
  addRosterCommands(admin, dependencies);
  addMoneyCommands(admin, dependencies);
  return admin;
}

async function signGenesis(
  paths: readonly string[],
  flags: GenesisFlags,
  dependencies: CliDependencies,
): Promise<void> {
  const terms = termsOf(flags);
  if (existsSync(flags.out)) throw new CliError("CLI_FILE_EXISTS", { path: flags.out });
  const members = await readEnrolments(paths, flags.microgrid, dependencies);
  const policies = await Promise.all((flags.policy ?? []).map((path) => readSignedPolicy(path)));
  const admin = await adminIdentity(flags.adminKeys, dependencies);
  const body: GenesisBody = {
    ...terms,
    microgridId: flags.microgrid,
    gridAdminKey: admin.publicKey,
    regulatorKey: regulatorKeyOf(flags, admin, dependencies),
    seed: Uint8Array.from(randomBytes(SEED_BYTES)),
    mode: flags.mode,
    members,
    contracts: CONTRACTS,
    policies,
  };
  const genesis: Genesis = { body, signature: await admin.sign(genesisSignBytes(body)) };
  const encoded = encodeGenesis(genesis);
  const judged = readGenesis(encoded, dependencies.verify);
  if (judged.kind !== "accept") {
    throw new CliError("GENESIS_REFUSED", {
      why: `${judged.code} ${judged.detail ?? ""}`.trim(),
      fix: "mend what is named and sign again; nothing was written",
    });
  }
  await writeNewFile(flags.out, encoded);
  tell(genesis, flags, dependencies);
}

function termsOf(
  flags: GenesisFlags,
): Pick<GenesisBody, "intervalMs" | "firstInterval" | "termMax" | "timeLapse"> {
  const [minSeconds, maxSeconds] = [INTERVAL_RANGE_MS.min / 1000, INTERVAL_RANGE_MS.max / 1000];
  const seconds = wholeNumber("--interval-seconds", flags.intervalSeconds, minSeconds, maxSeconds);
  const intervalMs = seconds * 1000;
  return {
    intervalMs,
    firstInterval: firstIntervalOf(flags.firstInterval, intervalMs),
    termMax: wholeNumber("--term-max", flags.termMax, 1, MAX_TERM),
    timeLapse: wholeNumber("--time-lapse", flags.timeLapse, 1, MAX_TIME_LAPSE),
  };
}

/** The next interval is the first that can be measured from its beginning. */
function firstIntervalOf(text: string, intervalMs: number): IntervalIndex {
  if (text === "now") return laterInterval(intervalAt(unixMs(Date.now()), intervalMs), 1);
  return intervalIndex(wholeNumber("--first-interval", text, 0, Number.MAX_SAFE_INTEGER));
}

/** Every enrolment is judged, so that one run names all that are refused. */
async function readEnrolments(
  paths: readonly string[],
  microgridId: string,
  dependencies: CliDependencies,
): Promise<readonly Enrolment[]> {
  const judged = await Promise.all(
    paths.map(async (path) => {
      const decoded = decode(await readInputFile(path, MAX_ENROLMENT_BYTES), enrolment, MAX_ENROLMENT_BYTES);
      const verdict =
        decoded.kind === "accept" ? judgeEnrolment(decoded.value, dependencies.verify) : decoded;
      if (verdict.kind !== "accept")
        return { path, reason: `${verdict.code} ${verdict.detail ?? ""}`.trim() };
      const { microgridId: enrolledIn } = verdict.value.body;
      return enrolledIn === microgridId
        ? verdict.value
        : { path, reason: `ENROLMENT_MICROGRID ${enrolledIn}` };
    }),
  );
  const refused = judged.flatMap((entry) => ("reason" in entry ? [`${entry.path}: ${entry.reason}`] : []));
  if (refused.length > 0) throw new CliError("ENROLMENT_REFUSED", { why: refused.join("; ") });
  if (judged.length === 0) throw usageError("no enrolment is given", "name every member's enrolment.cbor");
  return judged.flatMap((entry) => ("reason" in entry ? [] : [entry]));
}

async function adminIdentity(directory: string, dependencies: CliDependencies): Promise<Identity> {
  if (!existsSync(directory)) {
    await dependencies.createKeys(directory);
    dependencies.terminal.error(
      `edso: made the GridAdmin's keys in ${directory}; keep them off every gateway, and a copy of them\n`,
    );
  }
  return dependencies.loadIdentity(directory);
}

/** Two keys, so that neither the one who runs the street nor the one who sets its prices can deploy a policy alone. */
function regulatorKeyOf(
  { regulator }: GenesisFlags,
  admin: Identity,
  { terminal }: CliDependencies,
): Uint8Array {
  if (regulator === undefined) {
    terminal.error("edso: no --regulator is named: policies are signed with the GridAdmin's keys\n");
    return admin.publicKey;
  }
  if (PUBLIC_KEY_HEX.test(regulator)) return fromHex(regulator);
  throw usageError(
    `--regulator is ${JSON.stringify(regulator)}`,
    "give the 66 hexadecimal digits that `edso admin regulator-key` prints",
  );
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function tell({ body }: Genesis, flags: GenesisFlags, { terminal }: CliDependencies): void {
  const chainId = chainIdOf(body);
  const gridAdmin = gridAdminIdOf(body.gridAdminKey);
  const members = body.members.map(({ body: member }) => ({
    name: member.name,
    address: enrolledMember(member),
    meters: member.meters.map(({ role, serial, fuel }) => ({ role, serial, fuel })),
    connectionRatingW: member.connectionRatingW,
    addresses: member.addresses,
  }));
  if (flags.json === true) {
    const { microgridId, intervalMs, firstInterval, mode, termMax, timeLapse } = body;
    const terms = { microgridId, intervalMs, firstInterval, mode, termMax, timeLapse };
    terminal.out(
      `${JSON.stringify({ schema: "edso.genesis/1", file: flags.out, chainId, gridAdmin, ...terms, members })}\n`,
    );
    return;
  }
  const rows = members.map(({ name, address, meters, connectionRatingW }) => [
    name,
    address,
    meters.map(({ role, fuel }) => (fuel === null ? role : `${role} (${fuel})`)).join(", "),
    `${connectionRatingW} W`,
  ]);
  terminal.out(
    [
      ...textTable(["member", "address", "meters", "rating"], rows, ["left", "left", "left", "right"]),
      "",
      `microgrid ${body.microgridId}, ${body.mode}, ${body.members.length} ${body.members.length === 1 ? "member" : "members"}, intervals of ${body.intervalMs / 1000} s from ${body.firstInterval}`,
      `GridAdmin ${gridAdmin}`,
      `chain id  ${chainId}`,
      `wrote     ${flags.out}`,
      "next: compare each address with the one its owner tells you, then give the file to every member",
      "",
    ].join("\n"),
  );
}
