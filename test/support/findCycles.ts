/** Finds circles in a directed graph. */

/** @param edges from, to @returns one circle for each edge that closes one in a depth-first walk; the first node is repeated at its end */
export function findCycles(edges: readonly (readonly [string, string])[]): readonly (readonly string[])[] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[][] = [];
  const walk = (node: string): void => {
    const start = path.indexOf(node);
    if (start !== -1) cycles.push([...path.slice(start), node]);
    if (start !== -1 || done.has(node)) return;
    path.push(node);
    for (const target of next.get(node) ?? []) walk(target);
    path.pop();
    done.add(node);
  };
  for (const node of next.keys()) walk(node);
  return cycles;
}
