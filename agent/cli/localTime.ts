/** Local time of one zone, both ways. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Offsets of zones change at whole quarters of an hour. */
const OFFSET_HOLDS_MS = 900_000;
const WEEKEND = [0, 6];

/** A zone of the IANA list. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @param timeZone name of the IANA list @throws RangeError for another */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** @param instantMs of Unix time @returns what a clock on the wall says then */
  at(instantMs: number): { readonly minuteOfDay: number; readonly isWeekend: boolean } {
    const wallMs = instantMs + this.#offsetAt(instantMs);
    const minuteOfDay = Math.floor((wallMs % DAY_MS) / MINUTE_MS);
    return { minuteOfDay, isWeekend: WEEKEND.includes(new Date(wallMs).getUTCDay()) };
  }

  /**
   * @param local `2027-01-01` or `2027-01-01 06:00`
   * @returns the first instant at which a clock on the wall says so; where clocks jump over it, the one that the old offset gives
   */
  instantOf(local: string): number {
    const wallMs = Date.parse(`${local.slice(0, 10)}T${local.slice(11) || "00:00"}Z`);
    const candidates = [wallMs - DAY_MS, wallMs + DAY_MS].map((near) => wallMs - this.#offsetAt(near));
    const sorted = candidates.sort((one, other) => one - other);
    return sorted.find((instant) => instant + this.#offsetAt(instant) === wallMs) ?? sorted.at(-1) ?? wallMs;
  }

  #offsetAt(instantMs: number): number {
    const bucket = Math.floor(instantMs / OFFSET_HOLDS_MS) * OFFSET_HOLDS_MS;
    const known = this.#offsets.get(bucket);
    if (known !== undefined) return known;
    const parts = Object.fromEntries(
      this.#format.formatToParts(bucket).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - bucket;
    this.#offsets.set(bucket, offset);
    return offset;
  }
}
