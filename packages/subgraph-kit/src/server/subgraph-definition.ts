import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ContextParts } from '../context/create-context.ts';
import type { Database } from '../database/database.ts';
import type { SubgraphSchemaOptions } from '../schema/create-subgraph-schema.ts';

/** What makes a subgraph this subgraph: everything else is the same for all. */
export interface SubgraphDefinition<Repositories, Loaders, Services>
  extends ContextParts<Repositories, Loaders, Services>, Omit<SubgraphSchemaOptions, 'typeDefs'> {
  /** As it stands in supergraph.yaml, in metrics and in logs. */
  readonly name: string;
  /** The self-contained `schema.graphql`. */
  readonly schemaFile: URL;
  /** The folder of `NNN-name.sql` files. */
  readonly migrations: URL;
  /** Fills an empty database; must do nothing to one that has data. @default nothing */
  readonly seed?: (database: Database) => Promise<void>;
  /** More paths to serve, by `METHOD /path`. @default none */
  readonly routes?: Readonly<Record<string, Route>>;
}

/** Answers one request outside of GraphQL. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
