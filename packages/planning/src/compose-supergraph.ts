import type { CompositionSuccess } from '@apollo/composition';
import {
  defaultPrintOptions,
  printSchema,
  shallowOrderPrintedDefinitions,
  subgraphsFromServiceList,
  Supergraph,
  type Schema,
} from '@apollo/federation-internals';
import { recordOfLinks } from '@tributary/directives';
import { GraphQLError, parse, type ASTNode, type DocumentNode } from 'graphql';

import { compose } from './corrected-composer.ts';
import { findDirectiveProblems, findLinkedSubgraphs } from './directive-rules.ts';

/** One subgraph as composition sees it. */
export interface SubgraphDefinition {
  readonly name: string;
  /** Where the gateway reaches it; becomes part of the supergraph. */
  readonly url: string;
  readonly sdl: string;
}

/** A place in the schema of one subgraph; lines and columns count from 1. */
export interface CompositionLocation {
  /** Absent where the composer speaks of a place that no subgraph wrote. */
  readonly subgraph?: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One reason why subgraphs do not compose. */
export interface CompositionProblem {
  /** A code of Apollo's list, for example `FIELD_TYPE_MISMATCH`. */
  readonly code: string;
  readonly message: string;
  readonly locations: readonly CompositionLocation[];
}

/** Something that composes and is worth a look. */
export interface CompositionNote extends CompositionProblem {
  readonly level: 'WARN' | 'INFO' | 'DEBUG';
}

/** The supergraph and what the composer remarks about it. */
export interface ComposedSupergraph {
  readonly supergraphSdl: string;
  readonly hints: readonly CompositionNote[];
  readonly errors?: undefined;
}

/** Every reason that the composer found; there is no supergraph. */
export interface CompositionFailure {
  readonly errors: readonly [CompositionProblem, ...CompositionProblem[]];
  readonly supergraphSdl?: undefined;
}

/** Tell the two apart by `errors`. */
export type CompositionResult = ComposedSupergraph | CompositionFailure;

/**
 * Composes subgraphs by Apollo Federation 2's own rules, and a few for the directives that protect. What is wrong with
 * the schemas is a result, not an exception. The supergraph says which subgraphs link our own specification.
 *
 * Large supergraphs (thousands of types in long chains) overflow the stack: `composeInWorker` has room for them.
 *
 * @example
 * const { supergraphSdl, errors } = composeSupergraph([{ name: 'users', url: 'http://127.0.0.1:4001/graphql', sdl }]);
 */
export function composeSupergraph(subgraphs: readonly SubgraphDefinition[]): CompositionResult {
  const problems = [...nameProblems(subgraphs)];
  const services = subgraphs.flatMap(({ name, url, sdl }) => {
    const document = parseSubgraph(name, sdl);
    if (!('kind' in document)) {
      problems.push(document);
      return [];
    }
    return [{ name, url, typeDefs: document }];
  });
  if (isFilled(problems)) return { errors: problems };
  return composeServices(services);
}

/** A parsed subgraph. */
type Service = Parameters<typeof subgraphsFromServiceList>[0][number];

function composeServices(services: Service[]): CompositionResult {
  const subgraphs = subgraphsFromServiceList(services);
  if (Array.isArray(subgraphs)) return failureOf(subgraphs);
  const problems = [...findDirectiveProblems(subgraphs)];
  const linked = findLinkedSubgraphs(subgraphs);
  const result = compose(subgraphs);
  if (result.errors) return failureOf([...problems, ...result.errors]);
  if (problems.length > 0) return failureOf(problems);
  const supergraphSdl = linked.length > 0 ? printWithRecord(result.schema, linked) : result.supergraphSdl;
  return { supergraphSdl, hints: result.hints.map(noteOf) };
}

function failureOf(errors: readonly GraphQLError[]): CompositionFailure {
  const problems = errors.map(problemOf);
  if (isFilled(problems)) return { errors: problems };
  throw new Error('Expected the composer to name an error, but its list is empty');
}

/** The supergraph as the composer prints it, with the subgraphs that link our specification. */
function printWithRecord(supergraph: Schema, linked: readonly string[]): string {
  // Every feature: the schema is read here, not served.
  const graphs = new Supergraph(supergraph, null).subgraphNameToGraphEnumValue();
  const record = recordOfLinks(linked.map((name) => graphs.get(name) ?? name));
  supergraph.schemaDefinition.applyDirective('join__directive', record);
  return printSchema(supergraph, shallowOrderPrintedDefinitions(defaultPrintOptions));
}

/** The composer throws for these instead of reporting them. */
function* nameProblems(subgraphs: readonly SubgraphDefinition[]): Generator<CompositionProblem> {
  const problem = (message: string) => ({ code: 'INVALID_SUBGRAPH_NAME', message, locations: [] });
  if (subgraphs.length === 0) yield problem('Expected at least one subgraph, but got none');
  const names = subgraphs.map(({ name }) => name);
  for (const name of new Set(names)) {
    const count = names.filter((other) => other === name).length;
    if (count > 1) yield problem(`Expected subgraphs with different names, but got "${name}" ${count} times`);
  }
}

function parseSubgraph(name: string, sdl: string): DocumentNode | CompositionProblem {
  try {
    return parse(sdl);
  } catch (error: unknown) {
    if (!(error instanceof GraphQLError)) throw error;
    const locations = (error.locations ?? []).map(({ line, column }) => ({
      subgraph: name,
      line,
      column,
      endLine: line,
      endColumn: column,
    }));
    return { code: 'INVALID_GRAPHQL', message: `[${name}] ${error.message}`, locations };
  }
}

const problemOf = ({ extensions, message, nodes }: GraphQLError): CompositionProblem => ({
  code: typeof extensions['code'] === 'string' ? extensions['code'] : 'UNKNOWN',
  message,
  locations: locationsOf(nodes),
});

const noteOf = ({ definition, message, nodes }: CompositionSuccess['hints'][number]): CompositionNote => ({
  code: definition.code,
  level: definition.level.name as CompositionNote['level'],
  message,
  locations: locationsOf(nodes),
});

const locationsOf = (nodes: readonly ASTNode[] = []): CompositionLocation[] =>
  nodes.flatMap((node) => {
    if (!node.loc) return [];
    const { startToken, endToken } = node.loc;
    // The composer marks each node with the subgraph that it came from.
    const subgraph = 'subgraph' in node ? String(node.subgraph) : undefined;
    return [
      {
        ...(subgraph !== undefined && { subgraph }),
        line: startToken.line,
        column: startToken.column,
        endLine: endToken.line,
        endColumn: endToken.column + (endToken.end - endToken.start),
      },
    ];
  });

const isFilled = <T>(list: readonly T[]): list is readonly [T, ...T[]] => list.length > 0;
