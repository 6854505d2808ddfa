/** Which late readings a gateway has waiting, as it tells another. */
import { type Cbor, count, type Decoder, list, shape, tuple } from "../codec.ts";
import type { MemberId } from "../membership/address.ts";
import type { Roster } from "../membership/roster.ts";
import { type IntervalIndex, intervalIndex } from "../units.ts";

/** Which late readings of one member are held, by their last intervals: of one interval, and of several at once. */
export type LateHeld = {
  readonly member: MemberId;
  readonly readings: ReadonlySet<IntervalIndex>;
  readonly spans: ReadonlySet<IntervalIndex>;
};

/** Most late readings that are told of, and so that are held: they fit a request beside all else. */
export const MAX_LATE_TOLD = 640;

/**
 * Closed intervals are told by how long before the oldest open one they are: few bytes each.
 *
 * @param late readings held, at most {@link MAX_LATE_TOLD}
 * @param nextInterval the oldest open one
 * @param roster of the microgrid
 * @returns their place in a request: the member's place, ages of its readings, ages of its spans
 */
export function cborLateHeld(
  late: readonly LateHeld[],
  nextInterval: IntervalIndex,
  { members }: Roster,
): Cbor {
  const ages = (intervals: ReadonlySet<IntervalIndex>) =>
    [...intervals].map((interval) => nextInterval - interval).filter((age) => age > 0);
  return late.flatMap(({ member, readings, spans }): readonly Cbor[] => {
    const place = members.findIndex(({ id }) => id === member);
    return place < 0 ? [] : [[place, ages(readings), ages(spans)]];
  });
}

/** @param roster of the microgrid @returns decoder of {@link cborLateHeld}, which still wants the oldest open interval */
export function lateHeldDecoder({
  members,
}: Roster): Decoder<(nextInterval: IntervalIndex) => readonly LateHeld[]> {
  const ages = list(count(), MAX_LATE_TOLD);
  const entries = list(tuple(count(), ages, ages), members.length);
  return (value) => {
    const told = entries(value).map(([place, readings, spans]) => {
      const member = members[place]?.id;
      if (member === undefined) throw shape("a member's place", value);
      return { member, readings, spans };
    });
    if (new Set(told.map(({ member }) => member)).size < told.length) throw shape("each member once", value);
    return (nextInterval) => {
      const before = (aged: readonly number[]) =>
        new Set(aged.flatMap((age) => (age <= nextInterval ? [intervalIndex(nextInterval - age)] : [])));
      return told.map(({ member, readings, spans }) => ({
        member,
        readings: before(readings),
        spans: before(spans),
      }));
    };
  };
}
