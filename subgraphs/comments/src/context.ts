import type { Outbox, RequestContext } from '@tributary/subgraph-kit';

import type { Loaders } from './loaders.ts';
import type { CommentRepository } from './repository.ts';

/** Everything that resolvers use besides what comes from the database. */
export interface Repositories {
  readonly comments: CommentRepository;
  readonly events: Outbox;
}

export type Context = RequestContext<Repositories, Loaders, undefined>;

/** An entity of another subgraph: its key is all that is known of it here. */
export interface Representation {
  readonly id: string;
}

/** A post, with what `@requires` made the gateway bring along. */
export interface PostRepresentation extends Representation {
  readonly title?: string | null;
}
