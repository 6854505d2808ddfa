/** The unix socket of the local API: for the agent's own user only, and never taken from a running agent. */
import { lstat, mkdir, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { ApiError } from "./apiError.ts";

const DIRECTORY_MODE = 0o700;
/** File mode bits that a socket of mode 0600 has not. */
const PRIVATE_UMASK = 0o177;

/**
 * Listens on a socket of mode 0600; its directory is made with mode 0700 when absent.
 *
 * @param server not yet listening
 * @param path absolute, at most 107 bytes
 * @throws ApiError `API_SOCKET_BUSY` when somebody answers on it, `API_SOCKET_UNUSABLE`
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    await removeStale(path);
    await listen(server, path);
  } catch (error) {
    throw error instanceof ApiError
      ? error
      : new ApiError("API_SOCKET_UNUSABLE", { socketPath: path }, error);
  }
}

/** Binding is synchronous, so the narrow umask holds for the socket alone. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const umask = process.umask(PRIVATE_UMASK);
    try {
      server.listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new ApiError("API_SOCKET_UNUSABLE", { socketPath: path, reason: "not a socket" });
  if (await isAnswering(path)) throw new ApiError("API_SOCKET_BUSY", { socketPath: path });
  await unlink(path);
}

/** Only a refused connection proves that nobody listens: a full backlog or a missing right does not. */
function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else reject(error);
    });
  });
}
