/** The quorum as the checks know it: found by search, so that a wrong formula in the product does not check itself. */

/** @param voters of a street @returns the smallest number such that any two such sets share more than f voters */
export function quorumByHand(voters: number): number {
  const faulty = faultyByHand(voters);
  let size = 1;
  while (2 * size - voters <= faulty) size += 1;
  return size;
}

/** @param voters of a street @returns the most that may lie: voters ≥ 3f + 1 */
export function faultyByHand(voters: number): number {
  let faulty = 0;
  while (3 * (faulty + 1) + 1 <= voters) faulty += 1;
  return faulty;
}

/**
 * @param voters of a street
 * @param lost of them that will never be heard of again; up to as many as may lie, they are the liars
 * @returns the fewest reports of others such that every quorum shares one with them that is no liar's
 */
export function reportsByHand(voters: number, lost: number): number {
  const faulty = faultyByHand(voters);
  const liars = lost > faulty ? faulty : faulty - lost;
  let reports = 1;
  while (quorumByHand(voters) + reports - voters <= liars) reports += 1;
  return reports;
}
