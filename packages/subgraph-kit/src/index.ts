export {
  createContext,
  type ContextInput,
  type ContextParts,
  type ContextScope,
  type RequestContext,
} from './context/create-context.ts';
export {
  createIdentityVerifier,
  identityHeader,
  type IdentityVerifier,
} from './context/identity-verifier.ts';
export { anonymous, hasRole, type Principal } from './context/principal.ts';
export { containsPattern } from './database/contains-pattern.ts';
export { createDatabase, type Database, type DatabaseOptions, type Sql } from './database/database.ts';
export { DatabaseUnavailable, violatedConstraint } from './database/database-errors.ts';
export { filterCondition, type CombinableFilter, type Condition } from './database/filter-condition.ts';
export { migrate } from './database/migrate.ts';
export { channelOf } from '@tributary/directives';
export { createOutbox, type NewEvent, type Outbox } from '@tributary/event-log/outbox';
export { compose, type Middleware, type Resolver } from './guards/compose.ts';
export {
  allowAny,
  checkUser,
  denyAll,
  guard,
  isOwner,
  isOwnerOrAdmin,
  requireAdmin,
  requireAnyScopes,
  requireOwner,
  requireOwnerOrAdmin,
  requireRole,
  requireScopes,
  requireUser,
  type GuardedContext,
  type Rule,
} from './guards/guards.ts';
export { compositeKey, type KeyPart } from './loaders/composite-key.ts';
export { groupByKey, inKeyOrder } from './loaders/in-key-order.ts';
export { LoaderRegistry, type LoaderDefaults } from './loaders/loader-registry.ts';
export {
  Loader,
  type BatchFunction,
  type LoaderBatch,
  type LoaderOptions,
  type LoaderStats,
} from './loaders/loader.ts';
export { toConnection, type Connection, type PageInfo } from './pagination/connection.ts';
export { decodeCursor, encodeCursor, type Cursor } from './pagination/cursor.ts';
export { largestPage, readPage, type Page } from './pagination/page.ts';
export {
  byId,
  cached,
  paginated,
  type CachedOptions,
  type PageArguments,
  type PaginatedOptions,
} from './resolvers/factories.ts';
export { logged } from './resolvers/logged.ts';
export { withFallback, type FallbackOptions } from './resolvers/with-fallback.ts';
export {
  conflict,
  invalidInput,
  isFailure,
  notAllowed,
  notFound,
  orThrow,
  parseInput,
  type Failure,
  type InvalidField,
  type Parsed,
} from './results/failure.ts';
export { defaultScalars } from './scalars/scalars.ts';
export { type CompleteResolvers } from './schema/complete-resolvers.ts';
export { constrainInputs, type InputLimits } from './schema/constrain-inputs.ts';
export {
  createSubgraphSchema,
  type ResolverMap,
  type SubgraphSchemaOptions,
} from './schema/create-subgraph-schema.ts';
export { loadResolverModules } from './schema/load-resolver-modules.ts';
export { requestedFields } from './schema/requested-fields.ts';
export { startSubgraph, type RunningSubgraph, type StartOptions } from './server/start-subgraph.ts';
export { readPem, readSubgraphConfig, type SubgraphConfig } from './server/subgraph-config.ts';
export type { Consumer } from './events/consumer.ts';
export type { EventsDefinition, RunningEvents } from './events/start-events.ts';
export type { Task } from './server/start-tasks.ts';
export { sendError, sendJson } from './server/http-listener.ts';
export { type Route, type SubgraphDefinition } from './server/subgraph-definition.ts';
