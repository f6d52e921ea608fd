import {
  composeInWorker,
  loadSubgraphs,
  readSupergraphConfig,
  SupergraphConfigError,
  type CompositionLocation,
  type CompositionProblem,
  type CompositionResult,
} from '@tributary/planning';

/** A message of the composer as rover reads it. */
interface AnswerRow {
  readonly code: string;
  readonly message: string;
  readonly nodes: readonly object[];
  readonly omittedNodesCount: number;
}

/** What rover reads from its composition plugin. */
export type RoverAnswer =
  | { readonly Ok: { readonly supergraphSdl: string; readonly hints: readonly AnswerRow[] } }
  | { readonly Err: { readonly build_errors: readonly (AnswerRow & { readonly type: string })[] } };

/**
 * Composes the file that rover hands over: a supergraph.yaml in which every schema is resolved to `schema.sdl` and
 * every variable is filled in.
 */
export async function composeForRover(path: string): Promise<RoverAnswer> {
  try {
    const subgraphs = await loadSubgraphs(await readSupergraphConfig(path, { env: null }));
    return answerOf(await composeInWorker(subgraphs));
  } catch (error: unknown) {
    if (!(error instanceof SupergraphConfigError)) throw error;
    const rows = error.problems.map((message) => rowOf({ code: 'CONFIG', message, locations: [] }));
    return { Err: { build_errors: rows.map((row) => ({ ...row, type: 'config' })) } };
  }
}

function answerOf(result: CompositionResult): RoverAnswer {
  if (result.errors)
    return {
      Err: { build_errors: result.errors.map((error) => ({ ...rowOf(error), type: 'composition' })) },
    };
  return { Ok: { supergraphSdl: result.supergraphSdl, hints: result.hints.map(rowOf) } };
}

const rowOf = ({ code, message, locations }: CompositionProblem): AnswerRow => ({
  code,
  message,
  nodes: locations.map(nodeOf),
  omittedNodesCount: 0,
});

const nodeOf = ({ subgraph, line, column, endLine, endColumn }: CompositionLocation) => ({
  subgraph: subgraph ?? null,
  start: { line, column },
  end: { line: endLine, column: endColumn },
});
