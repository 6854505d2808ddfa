/** Whether a gateway's vote is in a certificate, as the certificate itself proves. */
import { agentClient } from "../../agent/adapters/http/client.ts";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { verifyCommitCertificate } from "../../agent/core/consensus/certificate.ts";
import { decodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import type { Roster } from "../../agent/core/membership/roster.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";
import type { ChaosRun } from "./chaosRun.ts";
import { statusOf } from "./commitWatch.ts";
import type { GatewayProcess } from "./gatewayProcess.ts";

/** @param run that goes on @param gateway asked, and looked for @param above a height @returns true when a certificate above it carries the gateway's signature */
export async function hasVoted(run: ChaosRun, gateway: GatewayProcess, above: number): Promise<boolean> {
  const status = await statusOf(gateway);
  if (status === null) return false;
  const member = status.address.split(".")[0] ?? "";
  const roster = await run.roster();
  for (let at = above + 1; at <= status.ledger.height; at += 1) {
    const stored = await agentClient(gateway.place.socketPath)
      .block(heightOf(at))
      .catch(() => null);
    if (stored !== null && signersOf(stored.certificate, heightOf(at), roster).includes(member)) return true;
  }
  return false;
}

/**
 * A certificate names its signers by their places among the voters of its height. Read with other voters it seems to
 * name somebody else, whose key then does not fit.
 *
 * @param certificate encoded
 * @param at its height
 * @param roster of the genesis
 * @returns who signed; nobody when the voters of that height are not all members of the genesis
 */
export function signersOf(
  certificate: Uint8Array,
  at: Height,
  { members, chainId, epoch }: Roster,
): readonly string[] {
  const voters = members.map(({ id, publicKey }) => ({ id, publicKey }));
  const decoded = decodeCommitCertificate(certificate, at, voters);
  if (decoded.kind !== "accept") return [];
  const { verify } = nodeVerifier();
  const verified = verifyCommitCertificate(decoded.value, { voters, chainId, epoch, verify });
  return verified.kind === "accept" ? decoded.value.signers.map(({ voter }) => voter) : [];
}
