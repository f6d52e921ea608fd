// Our engine inside Apollo Server, with the thin HTTP layer. Settings: PORT, SUPERGRAPH, SUBGRAPH_SHARING, and the
// JWT_… of whoever signs client tokens.
import {
  createApolloGateway,
  createTokenVerifier,
  startThinServer,
  stringifyResult,
} from '../../../gateway/src/apollo/index.ts';
// The product's own: with another copy of graphql-js, schemas of the one are none to the other.
import { ApolloServer } from '../../../gateway/node_modules/@apollo/server/dist/esm/index.js';

const {
  PORT = '',
  SUPERGRAPH = '',
  SUBGRAPH_SHARING,
  IDENTITY_PRIVATE_KEY = '',
  JWT_JWKS_URL = '',
  JWT_ISSUER = '',
  JWT_AUDIENCE = '',
} = process.env;

const verifyToken = createTokenVerifier({ jwks: JWT_JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE });
const contextOf = async (authorization: string | undefined) => ({
  principal: await verifyToken(authorization),
});
type Context = Awaited<ReturnType<typeof contextOf>>;

const gateway = createApolloGateway<Context>({
  supergraph: SUPERGRAPH,
  subgraphClient: { sharing: SUBGRAPH_SHARING !== 'false' },
  identityPrivateKey: IDENTITY_PRIVATE_KEY,
  identify: ({ principal }) => ({ principal }),
});
const server = new ApolloServer<Context>({ gateway, stringifyResult });
await startThinServer(server, {
  port: Number(PORT),
  context: ({ req }) => contextOf(req.headers.authorization),
});
