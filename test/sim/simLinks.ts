/** Which gateways are connected: as in the product, each lets in whom its own ledger knows for the next two heights. */
import { height } from "../../agent/core/units.ts";
import type { Gateway } from "./gateway.ts";

/** Heights ahead of the head whose roster is known. */
const KNOWN_AHEAD = 2;

/** @param one gateway @param other gateway @returns true while both are up and let each other in */
export function areLinked(one: Gateway, other: Gateway): boolean {
  return letsIn(one, other) && letsIn(other, one);
}

function letsIn(at: Gateway, { options: { member } }: Gateway): boolean {
  if (!at.isUp) return false;
  const { ledger } = at.life;
  const known = ledger.contextAt(height(ledger.state.height + KNOWN_AHEAD));
  return ledger.next.roster.byId.has(member.id) || known.roster.byId.has(member.id);
}
