export { readConfig, type GatewayConfig } from './config.ts';
export { startGateway, type GatewayOptions, type RunningGateway } from './start-gateway.ts';
export type { EvaluatePolicies } from './authorization/create-authorizer.ts';
