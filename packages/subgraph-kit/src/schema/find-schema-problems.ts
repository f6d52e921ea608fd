import { toError } from '@tributary/errors';
import {
  buildASTSchema,
  concatAST,
  GraphQLError,
  isTypeDefinitionNode,
  Kind,
  specifiedScalarTypes,
  validateSchema,
  visit,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { validateSDL } from 'graphql/validation/validate.js';

import { definedTypes, linkedDefinitions, missingDefinitions } from './federated-document.ts';
import { findResolverProblems, type ResolversByType } from './find-resolver-problems.ts';

/**
 * Finds everything that is wrong with a subgraph's schema, so that one start shows it all: `@apollo/subgraph` stops
 * at the first kind of problem, says nothing of places, and passes over resolvers of fields that are not there.
 */
export function findSchemaProblems(typeDefs: DocumentNode, resolvers: ResolversByType): string[] {
  try {
    const document = concatAST([typeDefs, linkedDefinitions(typeDefs), missingDefinitions(typeDefs)]);
    const unknown = unknownTypes(document);
    const schema = buildTolerantly(document, unknown);
    return [
      ...validateSDL(document).map(describeProblem),
      ...(schema ? typeProblems(schema, unknown) : []),
      ...(schema ? findResolverProblems(schema, resolvers, typeDefs) : []),
    ];
  } catch (error: unknown) {
    // What @link asks for does not exist: without it nothing can be said of the rest.
    return [describeProblem(toError(error))];
  }
}

/** A sentence for a problem, with its place when it has one. */
export function describeProblem(problem: Error): string {
  const at = problem instanceof GraphQLError ? problem.locations?.[0] : undefined;
  return at ? `${problem.message} (line ${at.line}, column ${at.column})` : problem.message;
}

function unknownTypes(document: DocumentNode): string[] {
  const known = new Set([...definedTypes(document), ...specifiedScalarTypes.map(({ name }) => name)]);
  const unknown = new Set<string>();
  visit(document, {
    NamedType: ({ name }) => {
      if (!known.has(name.value)) unknown.add(name.value);
    },
  });
  return [...unknown];
}

/**
 * The schema with scalars in place of unknown types; nothing for a document that is too wrong even for that, as where
 * a type is defined twice: half of its fields would seem to be missing.
 */
function buildTolerantly(document: DocumentNode, unknown: readonly string[]): GraphQLSchema | undefined {
  const names = document.definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value);
  if (new Set(names).size < names.length) return undefined;
  const standIns = unknown.map((name) => ({
    kind: Kind.SCALAR_TYPE_DEFINITION as const,
    name: { kind: Kind.NAME as const, value: name },
  }));
  try {
    const whole = concatAST([document, { kind: Kind.DOCUMENT, definitions: standIns }]);
    return buildASTSchema(whole, { assumeValidSDL: true });
  } catch {
    return undefined;
  }
}

/** What is wrong between types; of an unknown one everything is said already. */
const typeProblems = (schema: GraphQLSchema, unknown: readonly string[]): string[] =>
  validateSchema(schema)
    .filter(({ message }) => !unknown.some((name) => message.includes(name)))
    .map(describeProblem);
