import {
  createOutbox,
  startSubgraph,
  type RunningSubgraph,
  type SubgraphConfig,
} from '@tributary/subgraph-kit';

import type { Repositories } from './context.ts';
import { createLoaders } from './loaders.ts';
import { createCommentRepository } from './repository.ts';
import { resolvers } from './resolvers.ts';
import { seed } from './seed.ts';

/** Starts the comments subgraph: what members say about posts. */
export const startComments = (config: SubgraphConfig): Promise<RunningSubgraph> =>
  startSubgraph(
    {
      name: 'comments',
      schemaFile: new URL('../schema.graphql', import.meta.url),
      resolvers,
      migrations: new URL('../migrations/', import.meta.url),
      seed,
      repositories: (sql): Repositories => ({
        comments: createCommentRepository(sql),
        events: createOutbox(sql, 'comments'),
      }),
      loaders: createLoaders,
      services: undefined,
      events: {},
    },
    config,
  );
