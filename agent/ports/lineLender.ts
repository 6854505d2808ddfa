/** Hands a line of the running agent to another process for a while. */

/** A line that was lent. */
export type LineLoan = {
  /** As configured. */
  readonly port: string;
  /** Takes the line back; a second call does nothing. */
  takeBack(): Promise<void>;
};

/** Who has the lines. */
export interface LineLender {
  /**
   * Closes a line, so that another process may open it.
   *
   * @param port any name of its device, or its address
   * @returns the loan; null when no line of this agent is there
   * @throws DriverError `DRIVER_PORT_LENT` when another has it already
   */
  lend(port: string): Promise<LineLoan | null>;
}
