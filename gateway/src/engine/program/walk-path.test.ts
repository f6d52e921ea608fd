import { describe, expect, it } from 'vitest';

import type { DataObject } from './data-tree.ts';
import { compileWalk } from './walk-path.ts';

const book = { __typename: 'Book', id: 'b' };
const film = { __typename: 'Film', id: 'f' };

describe('compileWalk', () => {
  const cases: readonly [readonly string[], DataObject, readonly DataObject[]][] = [
    [[], { id: 'root' }, [{ id: 'root' }]],
    [['a'], { a: book }, [book]],
    [['a', '@'], { a: [book, null, film] }, [book, film]],
    [['a', '@', '@'], { a: [[book], [], [film, book]] }, [book, film, book]],
    [['a', '@', 'b'], { a: [{ b: book }, { b: null }, {}] }, [book]],
    [['a|[Book]'], { a: film }, []],
    [['a', '@|[Film]'], { a: [book, film] }, [film]],
    [['a|[Book,Film]', 'b'], { a: { __typename: 'Film', b: book } }, [book]],
    [['|[Query]', 'a'], { __typename: 'Query', a: book }, [book]],
  ];
  it.each(cases)('finds what stands at %j of %j', (path, data, expected) => {
    expect(compileWalk(path)(data)).toEqual(expected);
  });

  it('finds an object as often as it stands in the tree', () => {
    expect(compileWalk(['a', '@'])({ a: [book, book] })).toEqual([book, book]);
  });

  it.each<DataObject>([{ a: 'text' }, { a: 1 }, { a: [['deep', 1]] }, {}])(
    'finds nothing where %j has no objects',
    (data) => {
      expect(compileWalk(['a', '@', 'b'])(data)).toEqual([]);
    },
  );

  it('does not take what every object inherits for a field', () => {
    expect(compileWalk(['constructor'])({})).toEqual([]);
    expect(compileWalk(['constructor'])({ constructor: book })).toEqual([book]);
  });
});
