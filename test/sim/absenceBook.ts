/** The onlookers' book of voters that take no part: in how many embedded certificates on end each was missing. */

/** Certificates on end after which a voter may be suspended. @source docs/protocol.md, "Members and voters" */
const ENOUGH = 96;

/** One book. */
export class AbsenceBook {
  #missed = new Map<string, number>();

  /** @param voters of the parent @param signers of the certificate that a block embeds of it; null where an epoch begins */
  sawCertificate(voters: readonly { readonly id: string }[], signers: ReadonlySet<string> | null): void {
    const absent = signers === null ? [] : voters.filter(({ id }) => !signers.has(id));
    this.#missed = new Map(absent.map(({ id }) => [id, (this.#missed.get(id) ?? 0) + 1]));
  }

  /** Whoever signs a transaction is there. */
  heard(signer: string): void {
    this.#missed.delete(signer);
  }

  /** @returns true for a voter that may be suspended */
  isAway(voter: string): boolean {
    return (this.#missed.get(voter) ?? 0) >= ENOUGH;
  }

  /** @param claimed by the state, which counts no further than is needed @returns where it says otherwise */
  differences(claimed: ReadonlyMap<string, number>): readonly string[] {
    return [...new Set([...claimed.keys(), ...this.#missed.keys()])].flatMap((voter) => {
      const right = Math.min(ENOUGH, this.#missed.get(voter) ?? 0);
      const found = claimed.get(voter) ?? 0;
      return found === right ? [] : [`${voter} was absent ${right} times, not ${found}`];
    });
  }
}
