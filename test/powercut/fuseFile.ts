/**
 * One file, served to the kernel over /dev/fuse: its reads, writes and fsyncs arrive here one at a time. A loop device
 * on that file turns a flush of the filesystem above into an fsync of the file, so that whoever serves it sees what a
 * drive sees.
 *
 * @source include/uapi/linux/fuse.h, protocol 7.31: structures of requests and answers, numbers of operations
 */
import { read, writeSync } from "node:fs";

/** What the file is made of. */
export type ServedFile = {
  readonly sizeBytes: number;
  readonly read: (offset: number, length: number) => Buffer;
  readonly write: (offset: number, bytes: Buffer) => void;
  /** Nothing else is answered until it is done, as by a card that is busy. */
  readonly flush: () => Promise<void>;
};

const OPERATION = {
  forget: 2,
  getAttributes: 3,
  setAttributes: 4,
  open: 14,
  read: 15,
  write: 16,
  fileSystem: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  interrupt: 36,
  batchForget: 42,
} as const;

const IN_HEADER_BYTES = 40;
const OUT_HEADER_BYTES = 16;
const MAX_WRITE_BYTES = 131_072;
/** A request is read whole or not at all: the longest write with its header, rounded up. */
const REQUEST_BYTES = MAX_WRITE_BYTES + 4_096;
const PROTOCOL = { major: 7, minor: 31 } as const;
/** FUSE_BIG_WRITES and FUSE_MAX_PAGES. */
const INIT_FLAGS = (1 << 5) | (1 << 22);
const MAX_PAGES = 32;
/** @source stat(2), S_IFREG with mode 0600 */
const FILE_MODE = 0o100600;
const BLOCK_BYTES = 4_096;
const ATTRIBUTES_VALID_S = 3_600n;
const ERROR = { notSupported: -38, gone: "ENODEV", interrupted: "EINTR", retry: "ENOENT" } as const;

/**
 * Answers requests until the file is unmounted.
 *
 * @param device /dev/fuse, opened for reading and writing, already mounted
 * @param file what is served
 * @returns when it was unmounted
 * @throws the error that ended it otherwise
 */
export function serveFile(device: number, file: ServedFile): Promise<void> {
  const request = Buffer.alloc(REQUEST_BYTES);
  return new Promise((resolve, reject) => {
    const next = () =>
      read(device, request, 0, request.length, null, (error, length) => {
        if (error !== null) {
          if (error.code === ERROR.gone) return resolve();
          if (error.code === ERROR.interrupted || error.code === ERROR.retry) return next();
          return reject(error);
        }
        answer(device, request.subarray(0, length), file).then(next, reject);
      });
    next();
  });
}

async function answer(device: number, request: Buffer, file: ServedFile): Promise<void> {
  const operation = request.readUInt32LE(4);
  const unique = request.readBigUInt64LE(8);
  const content = request.subarray(IN_HEADER_BYTES);
  switch (operation) {
    case OPERATION.forget:
    case OPERATION.batchForget:
    case OPERATION.interrupt:
      return;
    case OPERATION.init:
      return reply(device, unique, initAnswer());
    case OPERATION.getAttributes:
    case OPERATION.setAttributes:
      return reply(device, unique, attributes(file.sizeBytes));
    case OPERATION.open:
      return reply(device, unique, Buffer.alloc(16));
    case OPERATION.read:
      return reply(device, unique, file.read(Number(content.readBigUInt64LE(8)), content.readUInt32LE(16)));
    case OPERATION.write: {
      const length = content.readUInt32LE(16);
      file.write(Number(content.readBigUInt64LE(8)), content.subarray(40, 40 + length));
      const written = Buffer.alloc(8);
      written.writeUInt32LE(length, 0);
      return reply(device, unique, written);
    }
    case OPERATION.fsync:
      await file.flush();
      return reply(device, unique, Buffer.alloc(0));
    case OPERATION.flush:
    case OPERATION.release:
      return reply(device, unique, Buffer.alloc(0));
    case OPERATION.fileSystem:
      return reply(device, unique, fileSystem(file.sizeBytes));
    default:
      return reply(device, unique, Buffer.alloc(0), ERROR.notSupported);
  }
}

function reply(device: number, unique: bigint, content: Buffer, error = 0): void {
  const header = Buffer.alloc(OUT_HEADER_BYTES);
  header.writeUInt32LE(OUT_HEADER_BYTES + content.length, 0);
  header.writeInt32LE(error, 4);
  header.writeBigUInt64LE(unique, 8);
  writeSync(device, Buffer.concat([header, content]));
}

function initAnswer(): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(PROTOCOL.major, 0);
  bytes.writeUInt32LE(PROTOCOL.minor, 4);
  bytes.writeUInt32LE(MAX_WRITE_BYTES, 8);
  bytes.writeUInt32LE(INIT_FLAGS, 12);
  bytes.writeUInt16LE(16, 16);
  bytes.writeUInt16LE(12, 18);
  bytes.writeUInt32LE(MAX_WRITE_BYTES, 20);
  bytes.writeUInt32LE(1, 24);
  bytes.writeUInt16LE(MAX_PAGES, 28);
  return bytes;
}

function attributes(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(104);
  bytes.writeBigUInt64LE(ATTRIBUTES_VALID_S, 0);
  bytes.writeBigUInt64LE(1n, 16);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 24);
  bytes.writeBigUInt64LE(BigInt(sizeBytes / 512), 32);
  bytes.writeUInt32LE(FILE_MODE, 76);
  bytes.writeUInt32LE(1, 80);
  bytes.writeUInt32LE(BLOCK_BYTES, 96);
  return bytes;
}

function fileSystem(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(80);
  bytes.writeBigUInt64LE(BigInt(sizeBytes / BLOCK_BYTES), 0);
  bytes.writeUInt32LE(BLOCK_BYTES, 40);
  bytes.writeUInt32LE(255, 44);
  bytes.writeUInt32LE(BLOCK_BYTES, 48);
  return bytes;
}
