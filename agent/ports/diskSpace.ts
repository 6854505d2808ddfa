/** The filesystem that ledger and journals lie on. */

/** What a look at it shows. */
export type DiskLook = {
  /** Bytes that the agent's user may still write. */
  readonly freeBytes: number;
  /** False when it is mounted read-only, or has become so after errors. */
  readonly isWritable: boolean;
};

/** Looks at one filesystem, and makes room on it. */
export interface DiskSpace {
  /** @throws Error of the operating system when it cannot be looked at */
  look(): Promise<DiskLook>;
  /** Removes what the agent keeps but does not need. @returns how many bytes that freed, 0 when there was nothing */
  makeRoom(): Promise<number>;
}
