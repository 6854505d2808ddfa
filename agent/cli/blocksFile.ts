/** Blocks as `edso ledger export --format cbor` writes them: one item after another. @source RFC 8742 */
import { bytes, count, decode, hash, tuple } from "../core/codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../core/consensus/certificateCodec.ts";
import { MAX_BODY_BYTES } from "../core/consensus/messageCodec.ts";
import type { ChainEntry } from "../core/ledger/chain/chain.ts";
import { height } from "../core/units.ts";
import { CliError } from "./cliError.ts";
import { readInputFile } from "./inputFile.ts";

/** Longest file: years of a street's blocks, and still in memory. */
const MAX_BLOCKS_FILE_BYTES = 1_073_741_824;
const MAX_ITEM_BYTES = MAX_BODY_BYTES + MAX_CERTIFICATE_BYTES + 128;

const item = tuple(count(), hash, bytes(0, MAX_BODY_BYTES), bytes(0, MAX_CERTIFICATE_BYTES));

/**
 * @param path of the file
 * @returns its blocks in their order; nothing is verified
 * @throws CliError `CLI_FILE_MISSING`, `CLI_FILE_UNREADABLE`
 */
export async function readBlocksFile(path: string): Promise<readonly ChainEntry[]> {
  const content = await readInputFile(path, MAX_BLOCKS_FILE_BYTES);
  const entries: ChainEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const end = at + itemBytes(content, at);
    const read = decode(content.slice(at, end), item, MAX_ITEM_BYTES);
    if (read.kind !== "accept") {
      const why = `${path}: item ${entries.length + 1} is no block (${read.code})`;
      throw new CliError("CLI_FILE_UNREADABLE", {
        path,
        why,
        fix: "make it with `edso ledger export --format cbor > FILE`",
      });
    }
    const [reached, blockHash, block, certificate] = read.value;
    entries.push({ height: height(reached), blockHash, block, certificate });
    at = end;
  }
  return entries;
}

/** An array head, then integers and byte strings; anything else is left for the decoder to refuse. */
function itemBytes(content: Uint8Array, start: number): number {
  let [at, left] = [start, 1];
  while (left > 0 && at < content.length) {
    const { major, argument, headBytes } = headAt(content, at);
    at += headBytes + (major === 2 ? argument : 0);
    left += (major === 4 ? argument : 0) - 1;
  }
  return Math.max(1, at - start);
}

/** @source RFC 8949, section 3 */
function headAt(content: Uint8Array, at: number) {
  const first = content[at] ?? 0;
  const short = first & 31;
  const argumentBytes = short < 24 || short > 27 ? 0 : 2 ** (short - 24);
  const digits = content.subarray(at + 1, at + 1 + argumentBytes);
  const argument = argumentBytes === 0 ? short : digits.reduce((value, digit) => value * 256 + digit, 0);
  return { major: first >> 5, argument, headBytes: 1 + argumentBytes };
}
