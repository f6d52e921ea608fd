import { readFileSync } from 'node:fs';

import * as config from '@tributary/config';
import * as errors from '@tributary/errors';
import * as lifecycle from '@tributary/lifecycle';
import * as kit from '@tributary/subgraph-kit';
import * as testing from '@tributary/subgraph-kit/testing';
import * as telemetry from '@tributary/telemetry';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/extension-points.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** The names in a cell that look like functions, classes or values of ours. */
const namesIn = (cell = '') =>
  [...cell.matchAll(/`([a-z]\w*|[A-Z][a-z]\w*)`/g)].map(([, name]) => name ?? '');

const exported = new Set([kit, testing, errors, telemetry, config, lifecycle].flatMap(Object.keys));

it('names defaults that are there', () => {
  const names = rows.flatMap(([, , , byDefault]) => namesIn(byDefault));
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !exported.has(name))).toEqual([]);
});

it('names options that a definition has', () => {
  const definition = readFileSync(
    new URL('../../packages/subgraph-kit/src/server/subgraph-definition.ts', import.meta.url),
    'utf8',
  );
  const options = [...definition.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name ?? '');
  const documented = new Set(rows.flatMap(([, , replacedBy]) => namesIn(replacedBy)));
  expect(options.filter((name) => name !== 'name' && !documented.has(name))).toEqual([]);
});

it('says for every piece how it is replaced and what serves without', () => {
  for (const [, piece, replacedBy, byDefault] of rows) {
    expect({ piece, isComplete: Boolean(replacedBy && byDefault) }).toEqual({ piece, isComplete: true });
  }
});
