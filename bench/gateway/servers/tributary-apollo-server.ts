// Our engine inside Apollo Server, over our thin HTTP layer. Settings are those of our gateway.
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

import type * as ApolloServerModule from '@apollo/server';

import {
  createApolloGateway,
  createTokenVerifier,
  handOverResult,
  startThinServer,
  type Principal,
} from '../../../gateway/src/apollo/index.ts';

interface Context {
  readonly principal: Principal;
}

const { ApolloServer } = await importBesideGateway();
const setting = (name: string): string => process.env[name] ?? '';

const verifyToken = createTokenVerifier({
  jwks: setting('JWT_JWKS_URL'),
  issuer: setting('JWT_ISSUER'),
  audience: setting('JWT_AUDIENCE'),
});
const gateway = createApolloGateway<Context>({
  supergraph: setting('SUPERGRAPH'),
  watches: false,
  identify: ({ principal }) => ({ principal }),
  identityPrivateKey: setting('IDENTITY_PRIVATE_KEY'),
  subgraphClient: { sharing: setting('SUBGRAPH_SHARING') === 'true' },
});
const server = new ApolloServer<Context>({ gateway, stringifyResult: handOverResult });
await startThinServer(server, {
  context: async ({ req }) => ({ principal: await verifyToken(req.headers.authorization) }),
  port: Number(setting('PORT')),
});

/** The Apollo Server that our gateway was installed with: one beside this file would bring a graphql of its own. */
async function importBesideGateway(): Promise<typeof ApolloServerModule> {
  const manifest = findPackageJSON(
    '@apollo/server',
    new URL('../../../gateway/package.json', import.meta.url),
  );
  if (manifest === undefined) throw new Error('Expected the gateway to have @apollo/server installed');
  return (await import(join(dirname(manifest), 'dist/esm/index.js'))) as typeof ApolloServerModule;
}
