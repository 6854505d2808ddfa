/** How the parts of an interval's outcome stand in a block. */
import { type Cbor, energy, oneOf, text, tuple } from "../../codec.ts";
import {
  type MissingMember,
  RESIDUAL_KINDS,
  type Residual,
  type Signal,
  type StopReason,
} from "../../market/balance.ts";
import type { Trade } from "../../market/pairing.ts";
import { memberDecoder, memberIdBytes } from "../../membership/address.ts";

/** Every stop reason. */
export const STOPS = [
  "no-deficit",
  "no-excess",
  "balanced",
  "limits",
] as const satisfies readonly StopReason[];

/** @param signal of an interval @returns its place in a block */
export function cborSignal(signal: Signal): Cbor {
  return [signal.excess, signal.deficit, signal.unmet, signal.unsold];
}

/** @param trade of an interval @returns its place in a block */
export function cborTrade(trade: Trade): Cbor {
  return [memberIdBytes(trade.from), memberIdBytes(trade.to), trade.wh];
}

/** @param missing a member without a reading @returns its place in a block */
export function cborMissing(missing: MissingMember): Cbor {
  return [memberIdBytes(missing.member), missing.reason];
}

/** @param residual of an interval @returns its place in a block */
export function cborResidual(residual: Residual): Cbor {
  return [memberIdBytes(residual.member), residual.kind, residual.wh];
}

/** Decoder of {@link cborMissing}. */
export function missingDecoder(value: unknown): MissingMember {
  const [id, reason] = tuple(memberDecoder, text(32))(value);
  return { member: id, reason };
}

/** Decoder of {@link cborTrade}. */
export function tradeDecoder(value: unknown): Trade {
  const [from, to, amount] = tuple(memberDecoder, memberDecoder, energy)(value);
  return { from, to, wh: amount };
}

/** Decoder of {@link cborSignal}. */
export function signalDecoder(value: unknown): Signal {
  const [excess, deficit, unmet, unsold] = tuple(energy, energy, energy, energy)(value);
  return { excess, deficit, unmet, unsold };
}

/** Decoder of {@link cborResidual}. */
export function residualDecoder(value: unknown): Residual {
  const [id, kind, amount] = tuple(memberDecoder, oneOf(RESIDUAL_KINDS), energy)(value);
  return { member: id, kind, wh: amount };
}
