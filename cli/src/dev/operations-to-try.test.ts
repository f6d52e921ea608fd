import { fileURLToPath } from 'node:url';

import {
  composeSupergraph,
  expectSupergraph,
  loadSubgraphs,
  readSupergraphConfig,
} from '@tributary/planning';
import { buildASTSchema, parse, validate, type GraphQLSchema } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';

import { operationsToTry } from './operations-to-try.ts';

const supergraphFile = fileURLToPath(new URL('../../../supergraph.yaml', import.meta.url));

let schema: GraphQLSchema;
beforeAll(async () => {
  const subgraphs = await loadSubgraphs(await readSupergraphConfig(supergraphFile));
  const { supergraphSdl } = expectSupergraph(composeSupergraph(subgraphs));
  schema = buildASTSchema(parse(supergraphSdl), { assumeValidSDL: true });
});

describe('the operations that a start prints', () => {
  it.each(operationsToTry)('are valid in the supergraph as it stands: $title', ({ operation }) => {
    expect(validate(schema, parse(operation)).map(({ message }) => message)).toEqual([]);
  });
});
