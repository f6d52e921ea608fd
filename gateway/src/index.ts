export { readConfig, type GatewayConfig } from './config.ts';
export { startGateway, type GatewayOptions, type RunningGateway } from './start-gateway.ts';
export type { EvaluatePolicies } from './authorization/create-authorizer.ts';
export type { CallerSource, CallerVerifier } from './identity/caller-verifier.ts';
export { createTokenVerifier, type TokenVerifier } from './identity/create-token-verifier.ts';
export { anonymous, type Principal } from './identity/principal.ts';
