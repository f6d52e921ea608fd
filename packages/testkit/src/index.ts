export {
  postGraphQL,
  type GraphQLAnswer,
  type GraphQLAnswerError,
  type GraphQLRequest,
} from './graphql-client.ts';
export { readMetric } from './metrics-reader.ts';
export {
  createTestKeys,
  signIdentity,
  signToken,
  type TestKeys,
  type TestPrincipal,
  type TestTokenOptions,
} from './test-keys.ts';
export { makeTestFolder } from './test-folder.ts';
export { startTestPostgres } from './test-postgres.ts';
export {
  federation,
  startMemorySubgraph,
  type MemorySubgraph,
  type MemorySubgraphOptions,
  type Misbehaviour,
  type RecordedRequest,
} from './memory-subgraph.ts';
export { startMemorySupergraph, type MemorySupergraph } from './memory-supergraph.ts';
export {
  compareAnswers,
  describeDifferences,
  type AnswerDifference,
  type ComparableAnswer,
  type CompareOptions,
} from './oracle/compare-answers.ts';
export {
  describeOperation,
  randomOperation,
  type RandomOperation,
  type RandomOperationOptions,
} from './oracle/random-operation.ts';
export type { KnownValues } from './oracle/random-values.ts';
export { compareDegraded } from './oracle/compare-degraded.ts';
export { coverageOf, type OperationCoverage } from './oracle/supergraph/describe-coverage.ts';
export { executeMonolith } from './oracle/supergraph/execute-monolith.ts';
export type { FailureMode } from './oracle/supergraph/failures.ts';
export {
  buildSupergraph,
  generateSupergraph,
  type GeneratedSupergraph,
} from './oracle/supergraph/generate-supergraph.ts';
export {
  buildMemorySchema,
  type MemoryExecutor,
  type MemoryRequest,
} from './oracle/supergraph/memory-executor.ts';
export * as supergraphModel from './oracle/supergraph/model.ts';
export { printSubgraph } from './oracle/supergraph/print-subgraph.ts';
export { startRun, type Run } from './oracle/supergraph/resolve-field.ts';
export { hashOf, seededChance } from './oracle/supergraph/seeded-chance.ts';
export { shrinkDocument } from './oracle/shrink-document.ts';
export { shrinkModel } from './oracle/supergraph/shrink-model.ts';
export { askRedis } from './redis/ask-redis.ts';
export { findFreePorts, findRedisServer, hasRedisServer } from './redis/redis-server.ts';
export { startTestRedis, type TestRedis, type TestRedisOptions } from './redis/start-test-redis.ts';
export {
  startTestRedisCluster,
  type TestRedisCluster,
  type TestRedisClusterOptions,
  type TestRedisNode,
} from './redis/start-test-redis-cluster.ts';
