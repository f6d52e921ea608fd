import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ContextParts } from '../context/create-context.ts';
import type { IdentityVerifier } from '../context/identity-verifier.ts';
import type { Database } from '../database/database.ts';
import type { EventsDefinition } from '../events/start-events.ts';
import type { SubgraphSchemaOptions } from '../schema/create-subgraph-schema.ts';
import type { Task } from './start-tasks.ts';

/** What makes a subgraph this subgraph: everything else is the same for all. */
export interface SubgraphDefinition<Repositories, Loaders, Services>
  extends ContextParts<Repositories, Loaders, Services>, Omit<SubgraphSchemaOptions, 'typeDefs'> {
  /** As it stands in supergraph.yaml, in metrics and in logs. */
  readonly name: string;
  /**
   * The self-contained `schema.graphql`, or a folder whose `*.graphql` files are joined in the order of their paths
   * (`schema.graphql`, `types/post.graphql`, `inputs/create-post.graphql`).
   */
  readonly schemaFile: URL;
  /** The folder of `NNN-name.sql` files. */
  readonly migrations: URL;
  /** Fills an empty database; must do nothing to one that has data. @default nothing */
  readonly seed?: (database: Database) => Promise<void>;
  /** Finds out who asks from what the gateway says of them. @default the gateway's signature is checked */
  readonly identify?: IdentityVerifier;
  /** What it has to do with events. @default nothing: it has no outbox */
  readonly events?: EventsDefinition;
  /** Work that comes again by itself, in every process. @default none */
  readonly tasks?: readonly Task[];
  /** Closes what services hold open, when nobody uses them any more. @default nothing */
  readonly onStop?: () => Promise<void>;
  /** More paths to serve, by `METHOD /path`. @default none */
  readonly routes?: Readonly<Record<string, Route>>;
}

/** Answers one request outside of GraphQL. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
