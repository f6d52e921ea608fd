/**
 * Finds the cycles of a directed graph, each once, as the path from its first node back to it. Nodes that share
 * several cycles are named in at least one of them: enough to break it and look again.
 *
 * @example findCycles(new Map([['A', ['B']], ['B', ['A']]])) // [['A', 'B', 'A']]
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): void => {
    const start = path.indexOf(node);
    if (start !== -1) {
      cycles.push([...path.slice(start), node]);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of edges.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) visit(node);
  return cycles;
}
