import type { Outbox, RequestContext } from '@tributary/subgraph-kit';

import type { Loaders } from './loaders.ts';
import type { PostRepository } from './repository.ts';

/** Everything that resolvers use besides what comes from the database. */
export interface Repositories {
  readonly posts: PostRepository;
  readonly events: Outbox;
}

export type Context = RequestContext<Repositories, Loaders, undefined>;

/** An entity of another subgraph: its key is all that is known of it here. */
export interface Representation {
  readonly id: string;
}
