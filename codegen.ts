import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { CodegenConfig } from '@graphql-codegen/cli';

/** Every folder of subgraphs/ gets the types of its resolvers from its own schema. */
const subgraphs = readdirSync(new URL('subgraphs/', import.meta.url), { withFileTypes: true })
  .filter((entry) => existsSync(new URL(`subgraphs/${entry.name}/schema.graphql`, import.meta.url)))
  .map((entry) => entry.name);

/** Which rows stand for which types: written in the package.json of each subgraph. */
function mappersOf(name: string): Record<string, string> {
  const manifest = new URL(`subgraphs/${name}/package.json`, import.meta.url);
  const { codegen } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    codegen?: { mappers?: Record<string, string> };
  };
  return codegen?.mappers ?? {};
}

const config: CodegenConfig = {
  errorsOnly: true,
  emitLegacyCommonJSImports: false,
  generates: Object.fromEntries(
    subgraphs.map((name) => [
      `subgraphs/${name}/src/generated/resolvers.ts`,
      {
        schema: `subgraphs/${name}/schema.graphql`,
        plugins: ['typescript', 'typescript-resolvers'],
        config: {
          federation: true,
          useTypeImports: true,
          immutableTypes: true,
          enumsAsTypes: true,
          strictScalars: true,
          maybeValue: 'T | null',
          inputMaybeValue: 'T | null | undefined',
          // Rows stand for types: `PostRow` for `Post`, so that a resolver is written for what is really there.
          contextType: '../context.ts#Context',
          mappers: mappersOf(name),
          scalars: {
            ID: { input: 'string', output: 'string' },
            Date: { input: 'Date', output: 'Date | string' },
            DateTime: { input: 'Date', output: 'Date | string' },
            EmailAddress: 'string',
            JSON: 'unknown',
            Time: { input: 'Date', output: 'Date | string' },
            URL: { input: 'URL', output: 'URL | string' },
            UUID: 'string',
            _Any: 'unknown',
            _FieldSet: 'string',
          },
        },
      },
    ]),
  ),
};

export default config;
