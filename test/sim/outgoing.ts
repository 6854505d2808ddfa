/** What a liar sends, and what it lies with. */
import type { Draw } from "./draw.ts";
import type { Said } from "./gatewayWorld.ts";
import type { Lie } from "./lies.ts";
import type { SimStreet } from "./street.ts";

/** Something to publish to some of the others. */
export type Outgoing = {
  readonly said: Said;
  readonly wire: Uint8Array;
  /** Which places hear it. */
  readonly to: (place: number) => boolean;
  /** When it arrives, in place of what the network takes. */
  readonly arrivesInMs?: number;
};

/** What the lies of one member are made of. */
export type LiarModules = {
  readonly street: SimStreet;
  readonly lies: readonly Lie[];
  readonly draw: Draw;
  /** @returns whether the member tells that lie now, if it is one of its own */
  readonly tells: (lie: Lie) => boolean;
};

/** Every place hears it. */
export const TO_ALL = (): boolean => true;

/** How often a liar lies when it could. */
export const LIE_SHARE = 0.7;
