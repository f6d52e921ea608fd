import { expect, it } from 'vitest';

import { findCycles } from './find-cycles.ts';

const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

it('finds direct, indirect and own cycles, each once', () => {
  const edges = graph({ A: ['B'], B: ['A'], C: ['D'], D: ['E'], E: ['C'], F: ['F'] });
  expect(findCycles(edges)).toEqual([
    ['A', 'B', 'A'],
    ['C', 'D', 'E', 'C'],
    ['F', 'F'],
  ]);
});

it('names only the nodes of the cycle, not the way to it', () => {
  expect(findCycles(graph({ A: ['B'], B: ['C'], C: ['B'] }))).toEqual([['B', 'C', 'B']]);
});

it('finds none where paths only meet', () => {
  expect(findCycles(graph({ A: ['B', 'C'], B: ['D'], C: ['D'], D: [] }))).toEqual([]);
});
