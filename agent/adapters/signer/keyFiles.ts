/**
 * The three secrets of a gateway, one file each: ledger (P-256), transport (Ed25519), records (X25519).
 * A file holds 64 lower-case hexadecimal digits and a newline, belongs to the agent's user and has mode 0600.
 * Whatever differs from that is refused, never repaired: a key somebody else could read is no key.
 */
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { equalBytes, fromHex, toHex } from "../../core/bytes.ts";
import { publicKeyOf } from "../../core/signature.ts";
import { SignerError } from "./signerError.ts";

const SECRET_BYTES = 32;
/** DER of a PKCS #8 X25519 private key up to the secret. @source RFC 8410, section 10.3 */
const X25519_PREFIX = fromHex("302e020100300506032b656e04220420");
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const GROUP_AND_OTHER = 0o077;
const WRITE_BY_GROUP_OR_OTHER = 0o022;
/** Without following a symbolic link, and without waiting for the other end of a pipe. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const SECRET_LINE = /^[0-9a-f]{64}\n?$/;

/** File of each secret. The ledger key is written last: where it exists, the set is complete. */
const FILE_NAMES = { transport: "transport.key", records: "records.key", ledger: "ledger.key" } as const;

type KeyName = keyof typeof FILE_NAMES;
const KEY_NAMES: readonly KeyName[] = ["transport", "records", "ledger"];

/** The secrets of one gateway, 32 bytes each, all different. */
export type GatewayKeys = {
  /** P-256 secret in [1, n): signs readings, votes and transactions. */
  readonly ledger: Uint8Array;
  /** Ed25519 seed: who this gateway is on the network. */
  readonly transport: Uint8Array;
  /** X25519 secret: what is granted to this household is encrypted to it. */
  readonly records: Uint8Array;
};

/**
 * Draws and stores the secrets of a new gateway; durable when it returns.
 *
 * @param directory created with mode 0700 when absent
 * @returns what was stored
 * @throws SignerError `KEY_FILE_EXISTS` when any of the files is there, `KEY_FILE_MODE`, `KEY_FILE_IO`
 */
export async function createKeys(directory: string): Promise<GatewayKeys> {
  const root = resolve(directory);
  const createdFrom = await mkdir(root, { recursive: true, mode: DIRECTORY_MODE }).catch((cause) => {
    throw ioError(root, cause);
  });
  await refuseForeignDirectory(root, ownUid());
  const keys = drawKeys();
  const written: string[] = [];
  try {
    for (const name of KEY_NAMES) {
      const path = join(root, FILE_NAMES[name]);
      const file = await openNew(path);
      written.push(path);
      await writeSecret(file, path, keys[name]);
    }
    await syncDirectories(root, createdFrom === undefined ? root : dirname(createdFrom));
  } catch (error) {
    await Promise.all(written.map((path) => unlink(path).catch(() => {})));
    throw error;
  }
  return keys;
}

/** @param secret X25519 secret of {@link GatewayKeys} @returns what others encrypt to, 32 bytes */
export function recordsPublicKey(secret: Uint8Array): Uint8Array {
  const der = Buffer.concat([X25519_PREFIX, secret]);
  const publicKey = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  return Uint8Array.from(publicKey.export({ format: "der", type: "spki" }).subarray(-SECRET_BYTES));
}

/**
 * Reads the secrets of this gateway.
 *
 * @param directory where {@link createKeys} stored them
 * @param ownerUid who must own directory and files; by default the user of this process
 * @returns the secrets
 * @throws SignerError `KEY_FILE_MISSING`, `KEY_FILE_MODE`, `KEY_FILE_MALFORMED`, `KEY_FILE_IO`
 */
export async function loadKeys(directory: string, ownerUid: number = ownUid()): Promise<GatewayKeys> {
  const root = resolve(directory);
  await refuseForeignDirectory(root, ownerUid);
  const keys = {
    ledger: await readSecret(join(root, FILE_NAMES.ledger), ownerUid),
    transport: await readSecret(join(root, FILE_NAMES.transport), ownerUid),
    records: await readSecret(join(root, FILE_NAMES.records), ownerUid),
  };
  if (!isLedgerSecret(keys.ledger)) throw malformed(join(root, FILE_NAMES.ledger), "not in [1, n) of P-256");
  if (!areDistinct(keys)) throw malformed(root, "two files hold the same secret");
  return keys;
}

function drawKeys(): GatewayKeys {
  let ledger = randomBytes(SECRET_BYTES);
  while (!isLedgerSecret(ledger)) ledger = randomBytes(SECRET_BYTES);
  return {
    ledger: Uint8Array.from(ledger),
    transport: Uint8Array.from(randomBytes(SECRET_BYTES)),
    records: Uint8Array.from(randomBytes(SECRET_BYTES)),
  };
}

function isLedgerSecret(secret: Uint8Array): boolean {
  try {
    publicKeyOf(secret);
    return true;
  } catch {
    return false;
  }
}

function areDistinct(keys: GatewayKeys): boolean {
  return (
    !equalBytes(keys.ledger, keys.transport) &&
    !equalBytes(keys.ledger, keys.records) &&
    !equalBytes(keys.transport, keys.records)
  );
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, CREATE_FLAGS, FILE_MODE);
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw ioError(path, cause);
    const fix =
      "a gateway keeps its keys for life: keep this file; only if ledger.key is absent beside it was `edso init` " +
      "cut short, then remove the leftover and run it again";
    throw new SignerError("KEY_FILE_EXISTS", { path, fix }, cause);
  }
}

async function writeSecret(file: FileHandle, path: string, secret: Uint8Array): Promise<void> {
  try {
    await file.chmod(FILE_MODE);
    await file.writeFile(`${toHex(secret)}\n`);
    await file.sync();
  } catch (cause) {
    throw ioError(path, cause);
  } finally {
    await file.close();
  }
}

async function syncDirectories(from: string, upTo: string): Promise<void> {
  for (let path = from; ; path = dirname(path)) {
    try {
      const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
      await directory.sync().finally(() => directory.close());
    } catch (cause) {
      throw ioError(path, cause);
    }
    if (path === upTo || path === dirname(path)) return;
  }
}

async function refuseForeignDirectory(path: string, ownerUid: number): Promise<void> {
  const found = await stat(path).catch((cause) => {
    throw errnoOf(cause) === "ENOENT" ? missing(path, cause) : ioError(path, cause);
  });
  if (!found.isDirectory()) throw malformed(path, "not a directory");
  if (found.uid !== ownerUid) throw wrongOwner(path, found.uid, ownerUid);
  if ((found.mode & WRITE_BY_GROUP_OR_OTHER) !== 0) throw wrongMode(path, found.mode, DIRECTORY_MODE);
}

async function readSecret(path: string, ownerUid: number): Promise<Uint8Array> {
  const file = await openExisting(path);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw malformed(path, "not a regular file");
    if (found.uid !== ownerUid) throw wrongOwner(path, found.uid, ownerUid);
    if ((found.mode & GROUP_AND_OTHER) !== 0) throw wrongMode(path, found.mode, FILE_MODE);
    const longest = 2 * SECRET_BYTES + 1;
    if (found.size > longest) throw malformed(path, `${found.size} bytes long, not ${longest}`);
    const line = await file.readFile("latin1");
    if (!SECRET_LINE.test(line)) throw malformed(path, "not 64 lower-case hexadecimal digits and a newline");
    return fromHex(line.trimEnd());
  } catch (error) {
    throw error instanceof SignerError ? error : ioError(path, error);
  } finally {
    await file.close();
  }
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, READ_FLAGS);
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT") throw missing(path, cause);
    if (code === "ELOOP") throw malformed(path, "a symbolic link");
    throw ioError(path, cause);
  }
}

function missing(path: string, cause: unknown): SignerError {
  const fix = "run `edso init` for a new gateway, or restore the file from the backup of this one";
  return new SignerError("KEY_FILE_MISSING", { path, fix }, cause);
}

function malformed(path: string, reason: string): SignerError {
  const fix = "restore the file from the backup of this gateway";
  return new SignerError("KEY_FILE_MALFORMED", { path, reason, fix });
}

function wrongMode(path: string, mode: number, wanted: number): SignerError {
  const octal = (bits: number) => (bits & 0o7777).toString(8).padStart(4, "0");
  const fix = `chmod ${octal(wanted)} ${path} – and replace this gateway's keys if somebody may have read them`;
  return new SignerError("KEY_FILE_MODE", { path, mode: octal(mode), fix });
}

function wrongOwner(path: string, uid: number, wantedUid: number): SignerError {
  const fix = `run edso as the user with uid ${uid}, or chown ${wantedUid} ${path}`;
  return new SignerError("KEY_FILE_MODE", { path, ownerUid: uid, wantedUid, fix });
}

function ioError(path: string, cause: unknown): SignerError {
  const fix = "check that the user of edso may use this path and that the disk has room";
  return new SignerError("KEY_FILE_IO", { path, errno: errnoOf(cause) ?? null, fix }, cause);
}

function errnoOf(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}
