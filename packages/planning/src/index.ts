export { apiSchema } from './api-schema.ts';
export { composeInWorker, type ComposeInWorkerOptions } from './compose-in-worker.ts';
export {
  composeSupergraph,
  type ComposedSupergraph,
  type CompositionFailure,
  type CompositionLocation,
  type CompositionNote,
  type CompositionProblem,
  type CompositionResult,
  type SubgraphDefinition,
} from './compose-supergraph.ts';
export { composerVersion } from './composer-version.ts';
export { CompositionError, describeProblems, expectSupergraph } from './composition-error.ts';
export { fetchSubgraphSdl, type FetchSubgraphSdlOptions } from './fetch-subgraph-sdl.ts';
export { lintRules, lintSchema, type LintResult } from './lint/lint-schema.ts';
export type { Finding, LintRule, Severity } from './lint/linted-schema.ts';
export { loadSubgraphs, type LoadSubgraphsOptions } from './load-subgraphs.ts';
export {
  readSupergraphConfig,
  SupergraphConfigError,
  type ReadSupergraphConfigOptions,
  type SchemaSource,
  type SubgraphSource,
  type SupergraphConfig,
} from './read-supergraph-config.ts';
