/** The command line on made-up surroundings: what it prints, with which code it ends, and what it was given. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SignerError } from "../../agent/adapters/signer/signerError.ts";
import type {
  CliDependencies,
  Identity,
  MeterDefinitionInfo,
  MeterTarget,
} from "../../agent/cli/dependencies.ts";
import { run } from "../../agent/cli/program.ts";
import type { StopSignal } from "../../agent/cli/terminal.ts";
import { readDefinitionFile } from "../../agent/config/definitionFile.ts";
import { AgentError } from "../../agent/core/errors.ts";
import { hashBytes, hashOf } from "../../agent/core/hash.ts";
import { publicKeyOf, signMessage, verifySignature } from "../../agent/core/signature.ts";
import type { MeterReadOut } from "../../agent/ports/meter.ts";
import { defineMeter } from "../../drivers/definition.ts";
import { DEFINITION_GRAMMAR, definitionSummary } from "../../drivers/definitionSummary.ts";

/** A configuration that is sound; the file's directory is the data directory. */
export const SOUND_CONFIG = `name: dep1
dataDirectory: .
lines:
  - port: /dev/ttyUSB0
    meters:
      - { role: generation, definition: sdm120, unitId: 1, serial: "dep1-1" }
      - { role: consumption, definition: sdm630, unitId: 2, serial: "dep1-2" }
`;

/** One run of the program. */
export type CliRun = {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
  /** The first line of stdout as JSON. */
  readonly json: () => Record<string, unknown>;
  /** The error that was printed as JSON. */
  readonly errorJson: () => Record<string, unknown>;
};

/** What a test may put in the place of a dependency. */
export type CliOverrides = Partial<CliDependencies> & {
  /** Handed the listener of each command that waits for signals. */
  readonly onListen?: (signal: (name: StopSignal) => void) => void;
  readonly exitNow?: (code: number) => void;
  readonly isTerminal?: boolean;
};

/** @param args of the command line @param overrides of this run @returns what it did */
export async function edso(args: readonly string[], overrides: CliOverrides = {}): Promise<CliRun> {
  let out = "";
  let error = "";
  const { onListen, exitNow, isTerminal = false, ...dependencies } = overrides;
  const terminal: CliDependencies["terminal"] = {
    isTerminal,
    hasColour: false,
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    write: async (chunk) => {
      out += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    },
    onSignal: (listener) => {
      onListen?.(listener);
      return () => {};
    },
    exitNow: exitNow ?? (() => {}),
  };
  const exit = await run(["node", "edso", ...args], { ...fakeDependencies(), terminal, ...dependencies });
  const json = () => JSON.parse(out.split("\n")[0] ?? "");
  return { exit, out, error, json, errorJson: () => JSON.parse(error) };
}

/** @param readOut of whatever meter is asked for @returns lines that read so */
export function linesThatRead(
  readOut: (target: MeterTarget) => Promise<MeterReadOut>,
): CliDependencies["openLine"] {
  const none = { ok: 0, timeout: 0, crc: 0, wrongUnit: 0, exception: 0, late: 0, echo: 0 };
  return async () => ({ readOut, counters: () => none, close: async () => {} });
}

/** @param directory of the keys @returns an identity that depends on the directory's name alone */
export function identityOf(directory: string): Identity {
  const secret = hashBytes(hashOf(new TextEncoder().encode(directory)));
  return {
    publicKey: publicKeyOf(secret),
    peerId: `peer-${hashOf(secret).slice(0, 16)}`,
    recordsKey: hashBytes(hashOf(secret)),
    sign: async (message) => signMessage(secret, message),
  };
}

/** @param directory to make @param yaml of its configuration @returns the file's path */
export async function writeConfig(directory: string, yaml: string = SOUND_CONFIG): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, "edso.yaml");
  await writeFile(path, yaml);
  return path;
}

function fakeDependencies(): Omit<CliDependencies, "terminal"> {
  const never = (what: string) => () => Promise.reject(new Error(`${what} was not expected`));
  return {
    version: "1.2.3",
    env: {},
    verify: verifySignature,
    startAgent: never("startAgent"),
    renounceEpoch: never("renounceEpoch"),
    createKeys: async (directory) => {
      await mkdir(directory, { recursive: true }).catch((cause) => {
        throw new SignerError("KEY_FILE_IO", { path: directory }, cause);
      });
      const { sign, ...identity } = identityOf(directory);
      return identity;
    },
    createVoteJournal: async () => {},
    loadIdentity: async (directory) => identityOf(directory),
    openLedger: never("openLedger"),
    openLine: never("openLine"),
    scanLine: never("scanLine"),
    testLine: never("testLine"),
    borrowLine: async () => null,
    meterDefinitions: () => [
      definition("sdm120", "SDM120", 2400),
      definition("sdm630", "SDM630", 9600),
      { ...definition("odd1", "ODD1", 9600), status: "experimental", factory: null },
    ],
    readDefinition: (path) => definitionSummary(defineMeter(readDefinitionFile(path, DEFINITION_GRAMMAR))),
    definitionJsonSchema: () => DEFINITION_GRAMMAR.jsonSchema,
    agentClient: (socketPath) => {
      const unreachable = () => Promise.reject(new AgentError("API_UNREACHABLE", { socketPath }));
      return {
        status: unreachable,
        intervals: unreachable,
        block: unreachable,
        frames: unreachable,
        dso: unreachable,
        evidence: unreachable,
        policies: unreachable,
        accounts: unreachable,
        castBallot: unreachable,
        bids: unreachable,
        placeBid: unreachable,
        swapMeter: unreachable,
        profile: unreachable,
        submit: unreachable,
        commits: () => {
          throw new Error("commits were not expected");
        },
      };
    },
    startSimulatedLine: never("startSimulatedLine"),
  };
}

function definition(id: string, model: string, baudRate: 2400 | 9600): MeterDefinitionInfo {
  const factory = { baudRate, parity: "none", stopBits: 1, unitId: 1 } as const;
  return { id, maker: "Eastron", model, status: "confirmed", cautions: [], factory, tcp: null };
}
