import { checkConfig, type Environment } from '@tributary/config';
import { readSubgraphConfig } from '@tributary/subgraph-kit';

/** The settings of the comments subgraph, listed in docs/operations.md. */
export const readConfig = (env: Environment) =>
  checkConfig(env, (read) => readSubgraphConfig(read, { port: 4003 }));
