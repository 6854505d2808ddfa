/** Bytes both ways, whatever carries them: a serial device or a TCP connection. */

/** Told what happens on a channel. */
export type ChannelListener = {
  onBytes(bytes: Uint8Array): void;
  /** The channel ended without being asked to; told at most once. @param reason whatever the system passed on */
  onLost(reason: unknown): void;
};

/** One opening of a line. */
export interface ByteChannel {
  /** True while it can be written to. */
  readonly isOpen: boolean;
  /** @throws whatever the system passes on, Error or not */
  open(listener: ChannelListener): Promise<void>;
  write(bytes: Uint8Array): void;
  /** Discards what the operating system still holds. */
  flush(): Promise<void>;
  /** Never fails; nobody is told of a loss afterwards. */
  close(): Promise<void>;
}
