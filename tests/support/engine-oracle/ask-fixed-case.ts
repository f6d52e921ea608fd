import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { createLogger } from '@tributary/telemetry';
import { buildMemorySchema } from '@tributary/testkit';
import { execute, parse } from 'graphql';

import { coerceVariables } from '../../../gateway/src/operations/coerce-variables.ts';
import { prepareDocument } from '../../../gateway/src/operations/prepare-document.ts';
import { selectOperation } from '../../../gateway/src/operations/select-operation.ts';
import type { SubgraphAnswer } from '../../../gateway/src/subgraph-client/subgraph-client.ts';
import { readSupergraph } from '../../../gateway/src/supergraph/read-supergraph.ts';
import { loadWithSeams, type EngineSeams } from './load-in-process.ts';

/** A supergraph small enough to be read, and one operation on it. */
export interface FixedCase {
  /** By name; all federation directives are imported. */
  readonly subgraphs: Readonly<Record<string, { readonly sdl: string; readonly resolvers?: object }>>;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** @default nothing is changed */
  readonly seams?: EngineSeams;
}

export interface FixedAnswer {
  readonly data: unknown;
  readonly errors?: readonly { readonly path: readonly (string | number)[] | undefined }[];
}

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])\n';

/** Asks our engine, with subgraphs in this process. */
export async function askFixedCase({
  subgraphs,
  query,
  variables = {},
  seams = {},
}: FixedCase): Promise<FixedAnswer> {
  const definitions = Object.entries(subgraphs).map(([name, { sdl, resolvers = {} }]) => {
    const schema = buildMemorySchema(link + sdl, resolvers);
    return { name, url: `http://${name}.test/graphql`, sdl: link + sdl, schema };
  });
  const { supergraphSdl } = expectSupergraph(composeSupergraph(definitions));
  const engine = await loadWithSeams(seams)(readSupergraph(supergraphSdl, { source: 'a fixed case' }), {
    logger: createLogger({ name: 'oracle', level: 'silent', destination: { write: () => undefined } }),
    subgraphClient: {
      fetch: async ({ name }, { body }) => {
        const schema = definitions.find((definition) => definition.name === name)?.schema;
        if (!schema) throw new Error(`Expected a subgraph "${name}", but there is none`);
        const request = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
        const { query: asked, variables: variableValues } = request;
        const result = await execute({ schema, document: parse(asked), variableValues });
        return JSON.parse(JSON.stringify(result)) as SubgraphAnswer;
      },
    },
  });
  const checks = { schema: engine.schema, introspection: true };
  const { operations = [] } = prepareDocument(query, checks);
  const operation = selectOperation(operations, undefined);
  const planned = await engine.plan({ operation });
  const { data, errors } = await planned.execute({
    variables,
    coercedVariables: coerceVariables(operation, variables, checks),
    fetchContext: { requestId: 'fixed', identityProjection: '', signal: new AbortController().signal },
  });
  await engine.stop();
  return {
    data: JSON.parse(data) as unknown,
    ...(errors.length > 0 && { errors: errors.map(({ path }) => ({ path })) }),
  };
}
