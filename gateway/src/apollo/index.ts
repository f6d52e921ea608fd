export {
  createApolloGateway,
  type ApolloGateway,
  type ApolloGatewayOptions,
} from './create-apollo-gateway.ts';
export type { Caller, Identify } from './caller.ts';
export type { HttpCall, MakeContext } from './serve-http.ts';
export { startThinServer, type ThinServer, type ThinServerOptions } from './start-thin-server.ts';
export { handOverResult, stringifyResult } from './stringify-result.ts';
export { createTokenVerifier, type TokenVerifier } from '../identity/create-token-verifier.ts';
export { anonymous, type Principal } from '../identity/principal.ts';
export type { SupergraphSource } from '../supergraph/supergraph-source.ts';
