import { readFileSync } from 'node:fs';

import * as config from '@tributary/config';
import * as errors from '@tributary/errors';
import * as eventLog from '@tributary/event-log';
import * as gateway from '@tributary/gateway';
import * as apollo from '@tributary/gateway/apollo';
import * as lifecycle from '@tributary/lifecycle';
import * as kit from '@tributary/subgraph-kit';
import * as testing from '@tributary/subgraph-kit/testing';
import * as telemetry from '@tributary/telemetry';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The rows of the page's tables, by heading, without those that name the columns. */
const tables = new Map(
  read('docs/extension-points.md')
    .split('\n## ')
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const [, ...rows] = lines.filter((line) => line.startsWith('| '));
      return [heading, rows.map((line) => line.split('|').map((cell) => cell.trim()))] as const;
    }),
);
const rowsUnder = (heading: string) => tables.get(heading) ?? [];
const rows = [...tables.values()].flat();

/** The names in a cell that look like functions, classes or values of ours. */
const namesIn = (cell = '') =>
  [...cell.matchAll(/`([a-z]\w*|[A-Z][a-z]\w*)`/g)].map(([, name]) => name ?? '');

const exported = new Set(
  [kit, testing, errors, telemetry, config, lifecycle, eventLog, gateway, apollo].flatMap(Object.keys),
);

/** The options that an interface of ours has. */
const optionsOf = (path: string, name: string): readonly string[] => {
  const [body = ''] = new RegExp(`^export interface ${name}\\b.*?^\\}`, 'ms').exec(read(path)) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, option]) => option ?? '');
};

it('names defaults that are there', () => {
  const names = rows.flatMap(([, , , byDefault]) => namesIn(byDefault));
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !exported.has(name))).toEqual([]);
});

it('names options that a definition has', () => {
  const options = optionsOf('packages/subgraph-kit/src/server/subgraph-definition.ts', 'SubgraphDefinition');
  const documented = new Set(rowsUnder('A subgraph').flatMap(([, , replacedBy]) => namesIn(replacedBy)));
  expect(options.length).toBeGreaterThan(5);
  expect(options.filter((name) => name !== 'name' && !documented.has(name))).toEqual([]);
});

it.each([
  ['startGateway', 'The gateway', 'gateway/src/start-gateway.ts', 'GatewayOptions'],
  [
    'createApolloGateway',
    'The engine inside Apollo Server',
    'gateway/src/apollo/create-apollo-gateway.ts',
    'ApolloGatewayOptions',
  ],
])('names every option of %s, and none that it does not have', (_function, heading, path, name) => {
  const documented = rowsUnder(heading).map(([, , option = '']) => /^`(\w+)`/.exec(option)?.[1] ?? option);
  const options = optionsOf(path, name);
  expect(options.length).toBeGreaterThan(3);
  expect(new Set(documented)).toEqual(new Set(options));
});

it('says for every piece how it is replaced and what serves without', () => {
  for (const [, piece, replacedBy, byDefault] of rows) {
    expect({ piece, isComplete: Boolean(replacedBy && byDefault) }).toEqual({ piece, isComplete: true });
  }
});
