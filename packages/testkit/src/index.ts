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
