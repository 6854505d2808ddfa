/** What a street does that has lost its quorum for good: gateways renounce, the GridAdmin signs, all begin anew. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { encode } from "../../agent/core/codec.ts";
import { hashBytes } from "../../agent/core/hash.ts";
import { encodeReport } from "../../agent/core/ledger/chain/recoveryReport.ts";
import { chainContext } from "../../agent/core/ledger/state/context.ts";
import { encodeGenesis } from "../../agent/core/membership/genesis.ts";
import { openGenesisFile } from "../../agent/core/membership/genesisFile.ts";
import { type Renunciation, renounce } from "../../agent/services/voting/renounce.ts";
import { type CliRun, edso, identityOf } from "./cliWorld.ts";
import { eventLog } from "./eventLog.ts";
import { memoryOutbox } from "./memoryOutbox.ts";
import { memoryStore, type StoreDisk } from "./memoryStore.ts";
import { type MemoryStreet, type StreetGateway, signerOf } from "./memoryStreet.ts";
import { emptyVoteJournalDisk, memoryVoteJournal } from "./memoryVoteJournal.ts";

const { verify } = nodeVerifier();

/** Arguments of `edso admin recover` beside the files. */
export type RecoverArguments = {
  /** Reports by file name, which need not be those of the gateways' names. */
  readonly reports: Readonly<Record<string, Uint8Array>>;
  /** Chain that is given as blocks; none when null. */
  readonly blocks: StoreDisk | null;
  readonly rest?: readonly string[];
};

/** What becomes of a vote journal whose file is lost: a fresh one, which abstains. */
export function loseVoteJournal({ voteDisk }: StreetGateway): void {
  Object.assign(voteDisk, { ...emptyVoteJournalDisk(), written: voteDisk.written });
  voteDisk.abstention = { code: "AMNESIA", reason: "amnesia: there is a key, but no vote journal" };
}

/** @param street whose gateway does not run @param name of the gateway @returns what it reports, on the disks it has */
export function renounceGateway(street: MemoryStreet, name: string): Promise<Renunciation> {
  const { storeDisk, voteDisk, outboxDisk } = street.gateway(name);
  return renounce({
    context: street.context,
    signer: signerOf(name),
    store: memoryStore(storeDisk),
    voteJournal: memoryVoteJournal(voteDisk),
    outbox: memoryOutbox(outboxDisk),
    ledgersSetAside: 0,
    logger: eventLog(),
  });
}

/** @param street whose gateways do not run @param names of those that report @returns their reports as files have them */
export async function reportsOf(
  street: MemoryStreet,
  names: readonly string[],
): Promise<Readonly<Record<string, Uint8Array>>> {
  const reports: [string, Uint8Array][] = [];
  for (const name of names) reports.push([name, encodeReport((await renounceGateway(street, name)).signed)]);
  return Object.fromEntries(reports);
}

/** @param street in its first epoch @param directory for the files @param given reports, blocks and options @returns what the command did; `genesis` is what it wrote */
export async function adminRecover(
  street: MemoryStreet,
  directory: string,
  { reports, blocks, rest = [] }: RecoverArguments,
): Promise<CliRun & { readonly genesis: () => Promise<Uint8Array> }> {
  const genesis = join(directory, "genesis.cbor");
  const out = join(directory, `next-${Math.random()}.cbor`);
  await writeFile(genesis, encodeGenesis(street.genesis));
  const paths = Object.keys(reports).map((name) => join(directory, `${name}.report`));
  for (const [name, report] of Object.entries(reports))
    await writeFile(join(directory, `${name}.report`), report);
  const args = ["admin", "recover", ...paths, "--genesis", genesis, "--out", out, "--admin-keys", "admin"];
  if (blocks !== null) {
    await writeFile(join(directory, "blocks.cbor"), blocksFile(blocks));
    args.push("--blocks", join(directory, "blocks.cbor"));
  }
  const loadIdentity = async () => ({ ...identityOf("admin"), ...signerOf("grid-admin") });
  const run = await edso([...args, ...rest], { verify, loadIdentity });
  return { ...run, genesis: async () => Uint8Array.from(await readFile(out)) };
}

/** @param street to be started with a new genesis file @param encoded the file */
export function adoptGenesis(street: MemoryStreet, encoded: Uint8Array): void {
  const read = openGenesisFile(encoded, verify);
  if (read.kind !== "accept") throw new Error(read.code);
  street.context = chainContext(read.value, verify);
}

/** As `edso ledger export --format cbor` writes it. */
export function blocksFile({ blocks }: StoreDisk): Uint8Array {
  return Buffer.concat(
    blocks.map(({ height, blockHash, block, certificate }) =>
      encode([height, hashBytes(blockHash), block, certificate]),
    ),
  );
}
