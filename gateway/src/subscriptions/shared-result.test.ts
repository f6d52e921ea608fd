import { expect, it } from 'vitest';

import { withDropped, writeOpening, writeResult } from './shared-result.ts';

const textOf = ({ bytes }: { readonly bytes: Buffer }) => bytes.toString();
const answer = { data: '{"ä":1}', errors: undefined };

it('writes what came and where to go on', () => {
  expect(textOf(writeResult(answer, 'c'))).toBe('{"data":{"ä":1},"extensions":{"event":{"cursor":"c"}}}');
  expect(textOf(writeResult({ data: 'null', errors: '[{}]' }, undefined))).toBe(
    '{"errors":[{}],"data":null}',
  );
  expect(JSON.parse(textOf(writeOpening('c')))).toEqual({
    data: null,
    extensions: { event: { cursor: 'c', opened: true } },
  });
});

it('tells one what it lost without changing what others get', () => {
  const shared = writeResult(answer, 'c');
  const told = withDropped(shared, 3);
  expect(JSON.parse(textOf(told))).toEqual({
    data: { ä: 1 },
    extensions: { event: { cursor: 'c', dropped: 3 } },
  });
  expect(told.cursor).toBe('c');
  expect(textOf(shared)).not.toContain('dropped');
  expect(JSON.parse(textOf(withDropped(writeResult(answer, undefined), 3)))).toEqual({
    data: { ä: 1 },
    extensions: { event: { dropped: 3 } },
  });
});
