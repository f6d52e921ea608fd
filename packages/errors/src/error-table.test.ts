import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { errorKind, errorTable, isErrorCode } from './error-table.ts';

const documented = () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \| (yes|no) \| (.+?) \|$/gm);
  return Object.fromEntries(
    [...rows].map(([, code, kind, family, retry, meaning]) => [code, { kind, family, retry, meaning }]),
  );
};

it('says the same as docs/errors.md, both ways', () => {
  const table = Object.entries(errorTable).map(([code, row]) => [
    code,
    { kind: row.class, family: row.family, retry: row.retryable ? 'yes' : 'no', meaning: row.meaning },
  ]);
  expect(documented()).toEqual(Object.fromEntries(table));
});

it('takes a code that it does not know as a mistake of ours', () => {
  expect(isErrorCode('SEGFAULT')).toBe(false);
  expect(errorKind('SEGFAULT')).toBe(errorTable.INTERNAL_SERVER_ERROR);
  expect(isErrorCode('toString')).toBe(false);
});
