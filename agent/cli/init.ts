/** `edso init`: makes a gateway's keys, its configuration and its signed enrolment. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { ConfigError } from "../config/configError.ts";
import { isNetworkAddress } from "../config/lineAddress.ts";
import { parseConfig } from "../config/load.ts";
import { type ConfigInput, configJsonSchema } from "../config/schema.ts";
import { renderConfig, SCHEMA_FILE_NAME } from "../config/template.ts";
import { encode } from "../core/codec.ts";
import { isMicrogridId } from "../core/membership/address.ts";
import {
  cborEnrolment,
  type Enrolment,
  type EnrolmentBody,
  enrolledMember,
  enrolmentSignBytes,
  judgeEnrolment,
  MEMBER_NAME,
} from "../core/membership/enrolment.ts";
import { CliError, usageError } from "./cliError.ts";
import { faultOfDefinition } from "./definitionChoice.ts";
import type { CliDependencies } from "./dependencies.ts";
import { type MeterSpec, readMeterSpec } from "./meterSpec.ts";
import { writeNewFile } from "./newFile.ts";
import { CONFIG_FILE_NAME } from "./place.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** Name of the signed enrolment in a data directory. */
export const ENROLMENT_FILE_NAME = "enrolment.cbor";

const KEYS_DIRECTORY = "keys";
/** Rating of a household's connection in W: three phases of 25 A at 230 V. */
const DEFAULT_RATING_W = 17_250;
const MAX_RATING_W = 1_000_000_000;
const DEFAULT_AREA = "street";
const DEFAULT_LISTEN = "/ip4/0.0.0.0/tcp/4001";
const ANY_ADDRESS = /^\/(ip4\/0\.0\.0\.0|ip6\/::)\//;

/** Options as the command line gives them. */
export type InitFlags = {
  readonly name: string;
  readonly microgrid: string;
  readonly data: string;
  readonly line: string;
  readonly baud: string;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: string;
  readonly ratingWatts: string;
  readonly area: string;
  readonly meter: readonly string[];
  readonly listen?: readonly string[];
  readonly address?: readonly string[];
  readonly json?: boolean;
};

type Plan = {
  readonly directory: string;
  readonly config: string;
  readonly body: Omit<EnrolmentBody, "publicKey" | "peerId" | "recordsKey">;
};

/** @param dependencies of the composition root @returns the command */
export function initCommand(dependencies: CliDependencies): Command {
  return new Command("init")
    .description("make keys, configuration and enrolment of a new gateway")
    .requiredOption("--name <name>", "name of this gateway, unique in the microgrid")
    .requiredOption("--microgrid <id>", "microgrid it is to join")
    .requiredOption("--data <dir>", "data directory to make")
    .requiredOption(
      "--line <port>",
      "RS-485 adapter, best by its name below /dev/serial/by-id; or tcp://host:502, rtu+tcp://host:port",
    )
    .option("--baud <rate>", "speed of the line", "9600")
    .addOption(
      new Option("--parity <parity>", "parity of the line").choices(["none", "even", "odd"]).default("none"),
    )
    .option("--stop-bits <count>", "stop bits of the line", "1")
    .requiredOption("--meter <role:definition:unit:serial[:fuel]>", "one meter; repeat for each", collect)
    .option("--rating-watts <W>", "rating of the household's connection", String(DEFAULT_RATING_W))
    .option("--area <name>", "part of the street: feeder or transformer", DEFAULT_AREA)
    .option(
      "--listen <multiaddr>",
      `address to listen on; repeat for each (default: ${DEFAULT_LISTEN})`,
      collect,
    )
    .option("--address <multiaddr>", "address under which the others reach it; repeat for each", collect)
    .option("--json", "print the result as JSON")
    .action((flags: InitFlags) => initGateway(flags, dependencies));
}

async function initGateway(flags: InitFlags, dependencies: CliDependencies): Promise<void> {
  const plan = planOf(flags, dependencies);
  refuseToOverwrite(plan.directory);
  const keys = join(plan.directory, KEYS_DIRECTORY);
  await mkdir(plan.directory, { recursive: true, mode: 0o700 });
  await dependencies.createKeys(keys);
  await dependencies.createVoteJournal(plan.directory);
  const { sign, ...identity } = await dependencies.loadIdentity(keys);
  const { publicKey, peerId, recordsKey } = identity;
  const body: EnrolmentBody = { ...plan.body, publicKey, peerId, recordsKey };
  const enrolled: Enrolment = { body, signature: await sign(enrolmentSignBytes(body)) };
  const judged = judgeEnrolment(enrolled, dependencies.verify);
  if (judged.kind !== "accept") throw new CliError("ENROLMENT_REFUSED", { why: judged.code });
  await writeNewFile(join(plan.directory, ENROLMENT_FILE_NAME), encode(cborEnrolment(enrolled)));
  await writeNewFile(
    join(plan.directory, SCHEMA_FILE_NAME),
    `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  );
  await writeNewFile(join(plan.directory, CONFIG_FILE_NAME), plan.config);
  tell(plan, body, flags.json === true, dependencies);
}

/** Everything is checked before anything is made. */
function planOf(flags: InitFlags, dependencies: CliDependencies): Plan {
  const directory = resolve(flags.data);
  const meters = flags.meter.map(readMeterSpec);
  const listen = flags.listen ?? [DEFAULT_LISTEN];
  const config = renderConfig(configInput(flags, meters, listen));
  const definitions = dependencies.meterDefinitions().map(({ id }) => id);
  try {
    const definitionFault = (path: string) => faultOfDefinition(path, dependencies);
    parseConfig(config, join(directory, CONFIG_FILE_NAME), { definitions, definitionFault });
  } catch (error) {
    const fault = error instanceof ConfigError ? error.faults[0] : undefined;
    if (fault === undefined) throw error;
    throw usageError(`${fault.key} ${fault.message}`, fault.fix);
  }
  if (!isMicrogridId(flags.microgrid)) {
    throw usageError(
      `--microgrid is ${JSON.stringify(flags.microgrid)}`,
      "give 1 to 63 lower-case letters, digits and inner hyphens",
    );
  }
  if (!MEMBER_NAME.test(flags.area)) {
    throw usageError(
      `--area is ${JSON.stringify(flags.area)}`,
      "give 1 to 32 lower-case letters, digits and inner hyphens",
    );
  }
  const body = {
    microgridId: flags.microgrid,
    name: flags.name,
    addresses: flags.address ?? listen.filter((address) => !ANY_ADDRESS.test(address)),
    meters: meters.map(({ serial, role, fuel }) => ({ serial, role, fuel })),
    connectionRatingW: wholeNumber("--rating-watts", flags.ratingWatts, 1, MAX_RATING_W),
    area: flags.area,
  };
  return { directory, config, body };
}

function configInput(flags: InitFlags, meters: readonly MeterSpec[], listen: readonly string[]): ConfigInput {
  return {
    name: flags.name,
    dataDirectory: ".",
    genesisFile: "genesis.cbor",
    listen: [...listen],
    lines: [
      {
        port: isNetworkAddress(flags.line) ? flags.line : resolve(flags.line),
        // The schema names the rates there are, in its own words.
        baudRate: Number(flags.baud) as 9600,
        parity: flags.parity,
        stopBits: Number(flags.stopBits) as 1,
        meters: meters.map(({ role, definition, unitId, serial }) => ({ role, definition, unitId, serial })),
      },
    ],
  };
}

function refuseToOverwrite(directory: string): void {
  const taken = [KEYS_DIRECTORY, CONFIG_FILE_NAME, ENROLMENT_FILE_NAME, SCHEMA_FILE_NAME]
    .map((name) => join(directory, name))
    .find((path) => existsSync(path));
  if (taken !== undefined) throw new CliError("CLI_FILE_EXISTS", { path: taken });
}

function tell(plan: Plan, body: EnrolmentBody, isJson: boolean, { terminal }: CliDependencies): void {
  const { directory } = plan;
  const address = enrolledMember(body);
  if (body.addresses.length === 0) {
    terminal.error(
      "edso: the enrolment names no address; with --address the others can reach this gateway\n",
    );
  }
  const files = {
    keys: join(directory, KEYS_DIRECTORY),
    config: join(directory, CONFIG_FILE_NAME),
    enrolment: join(directory, ENROLMENT_FILE_NAME),
  };
  if (isJson) {
    const { name, microgridId, peerId, addresses } = body;
    terminal.out(
      `${JSON.stringify({ schema: "edso.init/1", name, microgridId, address, peerId, addresses, files })}\n`,
    );
    return;
  }
  terminal.out(
    [
      `made gateway ${body.name} of microgrid ${body.microgridId}`,
      `  address    ${address}`,
      `  peer id    ${body.peerId}`,
      `  keys       ${files.keys} (mode 0600; keep a copy where nobody else reads it)`,
      `  config     ${files.config}`,
      `  enrolment  ${files.enrolment}`,
      "next:",
      `  1. give ${ENROLMENT_FILE_NAME} to the GridAdmin, and tell the address above by another way`,
      `  2. put the genesis you get back at ${join(directory, "genesis.cbor")}`,
      `  3. edso start --data ${directory}`,
      "",
    ].join("\n"),
  );
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
