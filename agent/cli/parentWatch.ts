/**
 * Ends a gateway whose demo is gone. The demo starts each gateway with a channel between the two
 * processes; the kernel closes it when the demo ends, also by SIGKILL, when no code of it runs any more.
 */

/** Environment variable by which the demo asks a gateway to end with it; `1` is yes. */
export const EXIT_WITH_PARENT = "EDSO_EXIT_WITH_PARENT";

/** How long an orderly stop may take in ms before the process ends itself. */
const STOP_LIMIT_MS = 5_000;

/**
 * Watches the process that started this one, when that one asked for it.
 *
 * @param env this process's environment
 * @param onGone stops the gateway; called once, when the parent is gone
 */
export function watchParent(env: Readonly<Record<string, string | undefined>>, onGone: () => void): void {
  if (env[EXIT_WITH_PARENT] !== "1" || process.connected === undefined) return;
  const end = () => {
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
    onGone();
  };
  if (!process.connected) {
    queueMicrotask(end);
    return;
  }
  process.once("disconnect", end);
  process.channel?.unref();
}
