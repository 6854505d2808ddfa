/** What a life has opened, closed in the reverse order whatever happens while more is opened. */

/** What was opened, newest last. */
export type Closers = (() => Promise<unknown>)[];

/**
 * @param open opens one thing after another and notes how each is closed
 * @returns closes all of it; when `open` fails, it is closed already
 * @throws whatever `open` throws
 */
export async function openedAll(open: (closers: Closers) => Promise<void>): Promise<() => Promise<void>> {
  const closers: Closers = [];
  try {
    await open(closers);
    return () => closeAll(closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** @param closers of what is open; empty afterwards */
export async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}
