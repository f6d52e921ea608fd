export { readConfig, type GatewayConfig } from './config.ts';
export { startGateway, type GatewayOptions, type RunningGateway } from './start-gateway.ts';
