import { GraphQLError, parse } from 'graphql';

import { LintedSchema, type Finding, type LintRule, type Severity } from './linted-schema.ts';
import { descriptions } from './rules/descriptions.ts';
import { examples } from './rules/examples.ts';
import { inputCycles } from './rules/input-cycles.ts';
import { interfaceConformance } from './rules/interface-conformance.ts';
import { interfaceCycles } from './rules/interface-cycles.ts';
import { mutationInputs } from './rules/mutation-inputs.ts';
import { mutationVerbs } from './rules/mutation-verbs.ts';
import { naming } from './rules/naming.ts';
import { nullability } from './rules/nullability.ts';
import { pageSizes } from './rules/page-sizes.ts';
import { specificScalars } from './rules/specific-scalars.ts';
import { timestamps } from './rules/timestamps.ts';
import { unusedTypes } from './rules/unused-types.ts';

/** One row of the report. */
export interface LintResult {
  /** The rule's name, for example `naming`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** The schema coordinate, for example `Query.posts(first:)`; empty for a document that does not parse. */
  readonly coordinate: string;
  /** Counts from 1. */
  readonly line: number;
}

/** What cannot work comes first, what is a matter of taste last. */
export const lintRules: readonly LintRule[] = [
  inputCycles,
  interfaceCycles,
  interfaceConformance,
  naming,
  mutationVerbs,
  mutationInputs,
  timestamps,
  nullability,
  pageSizes,
  specificScalars,
  descriptions,
  unusedTypes,
  examples,
];

/**
 * Looks at the design of one subgraph's schema. Rows come in the order of the lines. What other subgraphs say is
 * not known here: that is composition's part.
 *
 * @example
 * lintSchema('input A { b: B! } input B { a: A! }')[0]
 * // { rule: 'input-cycles', severity: 'error', coordinate: 'A.b', line: 1, message: 'No value can be written for A: …' }
 */
export function lintSchema(sdl: string): LintResult[] {
  let schema: LintedSchema;
  try {
    schema = new LintedSchema(parse(sdl));
  } catch (error: unknown) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line ?? 1;
    return [{ rule: 'syntax', severity: 'error', message: error.message, coordinate: '', line }];
  }
  return lintRules
    .flatMap((rule) => [...rule.check(schema)].map((finding) => resultOf(rule, finding)))
    .toSorted((a, b) => a.line - b.line);
}

const resultOf = ({ name, severity }: LintRule, { node, coordinate, message }: Finding): LintResult => ({
  rule: name,
  severity,
  message,
  coordinate,
  // The name, not the node: that one begins with its description.
  line: (node.name.loc ?? node.loc)?.startToken.line ?? 1,
});
