import { checkConfig, type Environment } from '@tributary/config';
import { readSubgraphConfig, type SubgraphConfig } from '@tributary/subgraph-kit';

export interface PostsConfig extends SubgraphConfig {
  /** Where search reads what others own; absent when it only hears of changes. */
  readonly gatewayUrl?: string | undefined;
}

/** The settings of the posts subgraph, listed in docs/operations.md. */
export const readConfig = (env: Environment): PostsConfig =>
  checkConfig(env, (read) => ({
    ...readSubgraphConfig(read, { port: 4002 }),
    gatewayUrl:
      read.optionalString('GATEWAY_URL') === undefined
        ? undefined
        : read.url('GATEWAY_URL', { protocols: ['http', 'https'] }),
  }));
