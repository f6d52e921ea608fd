import type {
  ComposedSupergraph,
  CompositionLocation,
  CompositionProblem,
  CompositionResult,
} from './compose-supergraph.ts';

/** Subgraphs that do not compose, for callers that cannot go on; `message` lists every reason. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
  readonly errors: readonly CompositionProblem[];

  constructor(errors: readonly CompositionProblem[]) {
    super(describeProblems(errors));
    this.errors = errors;
  }
}

/**
 * The supergraph of a result.
 *
 * @throws {CompositionError} when there is none
 */
export function expectSupergraph(result: CompositionResult): ComposedSupergraph {
  if (result.errors) throw new CompositionError(result.errors);
  return result;
}

/**
 * A report for people: one problem a paragraph, with its code and places.
 *
 * @example
 * describeProblems(errors)
 * // The subgraphs do not compose, for 1 reason:
 * //
 * // FIELD_TYPE_MISMATCH  Type of field "Post.id" is incompatible across subgraphs: …
 * //   at posts:12:3, comments:4:3
 */
export function describeProblems(errors: readonly CompositionProblem[]): string {
  const reasons = errors.length === 1 ? '1 reason' : `${errors.length} reasons`;
  const paragraphs = errors.map(({ code, message, locations }) => {
    const places = locations.length > 0 ? `\n  at ${locations.map(describePlace).join(', ')}` : '';
    return `${code}  ${message}${places}`;
  });
  return [`The subgraphs do not compose, for ${reasons}:`, ...paragraphs].join('\n\n');
}

const describePlace = ({ subgraph, line, column }: CompositionLocation): string =>
  [subgraph ?? 'supergraph', line, column].join(':');
