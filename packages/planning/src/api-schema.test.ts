import { printSchema } from 'graphql';
import { expect, it } from 'vitest';

import { apiSchema } from './api-schema.ts';
import { composeSupergraph } from './compose-supergraph.ts';
import { expectSupergraph } from './composition-error.ts';

it('shows what clients see: no joins, nothing inaccessible, whatever features the supergraph has', () => {
  const link =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@inaccessible", "@authenticated"])';
  const sdl = `${link} type Query { "Shown" a: Int @authenticated  b: Int @inaccessible }`;
  const { supergraphSdl } = expectSupergraph(composeSupergraph([{ name: 'a', url: 'http://a.test', sdl }]));
  expect(printSchema(apiSchema(supergraphSdl))).toBe('type Query {\n  """Shown"""\n  a: Int\n}');
});
