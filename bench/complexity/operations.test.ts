import { parse, visit, type DocumentNode } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSupergraph, expectSupergraph } from '../../packages/planning/src/index.ts';
import { executableWhole } from '../gateway/graphs/executable.ts';
import { levels } from '../gateway/graphs/levels.ts';
import { complexityCells, lengthsOf, maxAnswerBytes, nameOf, operationOf } from './operations.ts';

/** For each level, from the outside in, how many fields it has that are no list of objects. */
function fieldsPerLevel(document: DocumentNode): readonly number[] {
  const counts: number[] = [];
  let level = -1;
  visit(document, {
    Field: {
      enter: ({ selectionSet }) => {
        if (selectionSet) counts[(level += 1)] = 0;
        else counts[level] = (counts[level] ?? 0) + 1;
      },
      leave: ({ selectionSet }) => {
        if (selectionSet) level -= 1;
      },
    },
  });
  return counts;
}

/** @example isWithin(7, '6-15') // true */
function isWithin(count: number, band: string): boolean {
  const [least = 0, most = Infinity] = band.replace('+', '').split('-').map(Number);
  return count >= least && count <= most;
}

it('has an operation for each of the 27 combinations of bands', () => {
  expect(new Set(complexityCells.map(nameOf)).size).toBe(27);
  expect(new Set(complexityCells.map(operationOf)).size).toBe(27);
});

describe.each(complexityCells.map((cell) => [nameOf(cell), cell] as const))(
  'the operation for %s',
  (_name, cell) => {
    const counts = fieldsPerLevel(parse(operationOf(cell)));

    it('has as many levels and fields as it stands for', () => {
      expect(isWithin(counts.length, cell.depth)).toBe(true);
      expect(counts.filter((count) => !isWithin(count, cell.fields))).toEqual([]);
    });

    it('has lists as long as it stands for, the outermost at least and the short ones all', () => {
      const lengths = lengthsOf(cell);
      const isShort = cell.lists === '1-10';
      expect(
        (isShort ? lengths : lengths.slice(0, 1)).filter((length) => !isWithin(length, cell.lists)),
      ).toEqual([]);
      expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
    });

    it('asks for lists of these lengths, from the outside in', () => {
      const asked = [...operationOf(cell).matchAll(/first: (\d+)/g)].map(([, length]) => Number(length));
      expect(asked).toEqual(lengthsOf(cell));
    });
  },
);

describe('an answer', () => {
  const subgraphs = levels.subgraphs.map(({ name, sdl }) => ({
    name,
    sdl,
    url: `http://${name}.test/graphql`,
  }));
  const whole = executableWhole(levels, expectSupergraph(composeSupergraph(subgraphs)).supergraphSdl);
  const bytesOf = (query: string) => Buffer.byteLength(JSON.stringify(whole({ query })));

  it('stays below a megabyte where lists are longest, and comes close to it', () => {
    for (const depth of ['1-2', '5+'] as const) {
      const bytes = bytesOf(operationOf({ depth, fields: '16+', lists: '100+' }));
      expect(bytes).toBeLessThan(maxAnswerBytes);
      expect(bytes).toBeGreaterThan(maxAnswerBytes / 2);
    }
  });

  it('shows every object once, whatever its level', () => {
    const { data } = whole({
      query: '{ levels(first: 2) { id f1 next(first: 2) { id f2 f3 f4 next(first: 1) { id } } } }',
    });
    const ids = [...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(['1', '1.1', '1.1.1', '1.2', '1.2.1', '2', '2.1', '2.1.1', '2.2', '2.2.1']);
  });
});
