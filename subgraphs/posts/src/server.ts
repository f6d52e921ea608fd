import { createOutbox, startSubgraph, type RunningSubgraph } from '@tributary/subgraph-kit';

import type { PostsConfig } from './config.ts';
import type { Repositories } from './context.ts';
import { createLoaders } from './loaders.ts';
import { createPostRepository } from './repository.ts';
import { resolvers } from './resolvers.ts';
import { feedSearch } from './search/feed-search.ts';
import { seed } from './seed.ts';
import { tellAuthors } from './tell-authors.ts';

/** Starts the posts subgraph: articles, their tags, and search. */
export const startPosts = (config: PostsConfig): Promise<RunningSubgraph> =>
  startSubgraph(
    {
      name: 'posts',
      schemaFile: new URL('../schema.graphql', import.meta.url),
      resolvers,
      migrations: new URL('../migrations/', import.meta.url),
      seed,
      repositories: (sql): Repositories => ({
        posts: createPostRepository(sql),
        events: createOutbox(sql, 'posts'),
      }),
      loaders: createLoaders,
      services: undefined,
      events: { consumers: [tellAuthors, feedSearch(config.gatewayUrl)] },
    },
    config,
  );
