/**
 * Finds an adapter again that was pulled and put back: the kernel may give it another name, the links that udev makes
 * below /dev/serial stay. Which of them leads to the device is looked up while it is there.
 *
 * @source udev, rules 60-serial.rules (by-id, by-path)
 */
import { readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** Where udev links serial devices. */
export const SERIAL_LINKS = "/dev/serial";

/**
 * Names a device so that it is found again.
 *
 * @param path of a device that is there
 * @param links directory with `by-id` and `by-path`
 * @returns a link that leads to it: by identity, or by socket where two adapters share one identity; else the path
 */
export async function stableName(path: string, links: string = SERIAL_LINKS): Promise<string> {
  if (path.startsWith(links + sep)) return path;
  const device = await realpath(path).catch(() => path);
  const byId = await linksIn(join(links, "by-id"));
  const byPath = await linksIn(join(links, "by-path"));
  // Two adapters of one identity have one link between them, and it may lead to the other tomorrow.
  const areUnique = new Set(byId.values()).size >= new Set(byPath.values()).size;
  const inOrder = areUnique ? [byId, byPath] : [byPath];
  for (const found of inOrder) for (const [link, target] of found) if (target === device) return link;
  return path;
}

/**
 * Whether two names mean one device.
 *
 * @param left as somebody wrote it
 * @param right as somebody else did
 * @returns true when they are equal or lead to the same device
 */
export async function isSameDevice(left: string, right: string): Promise<boolean> {
  if (left === right) return true;
  const [one, other] = await Promise.all([left, right].map((path) => realpath(path).catch(() => null)));
  return one !== null && one === other;
}

async function linksIn(directory: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(directory).catch(() => [])) {
    const link = join(directory, name);
    const target = await realpath(link).catch(() => null);
    if (target !== null) found.set(link, target);
  }
  return found;
}
