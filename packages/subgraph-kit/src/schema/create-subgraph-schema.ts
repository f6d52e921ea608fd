import { buildSubgraphSchema } from '@apollo/subgraph';
import { CodedError, toError } from '@tributary/errors';
import { isScalarType, Kind, parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { GraphQLScalarType } from 'graphql';

import { defaultScalars } from '../scalars/scalars.ts';
import { applyAuthDirectives } from './apply-auth-directives.ts';
import { checkRepresentations } from './check-representations.ts';
import { constrainInputs, type InputLimits } from './constrain-inputs.ts';
import type { ResolversByType } from './find-resolver-problems.ts';
import { describeProblem, findSchemaProblems } from './find-schema-problems.ts';
import { guardReferences } from './guard-references.ts';
import { stopWhenAborted } from './stop-when-aborted.ts';

/** Resolvers by type and field, as graphql-js knows them; generated types check them where they are written. */
export type ResolverMap = object;

export interface SubgraphSchemaOptions {
  /** SDL with its `@link`s; several are one schema together. */
  readonly typeDefs: string | readonly string[];
  /** One map, or one for each module: they are joined field by field. */
  readonly resolvers: ResolverMap | readonly ResolverMap[];
  /** Replaces scalars of the kit or adds some. @default {@link defaultScalars} */
  readonly scalars?: Readonly<Record<string, GraphQLScalarType>>;
  /** Applied in order to the finished schema: the place for directives with a behaviour. @default none */
  readonly transforms?: readonly ((schema: GraphQLSchema) => GraphQLSchema)[];
  /** @default ids are not empty, no string is longer than 100,000 characters */
  readonly inputLimits?: InputLimits;
}

/**
 * Builds the executable schema of a subgraph and checks it whole: syntax, types, interfaces, resolvers. Fields marked
 * `@authenticated` or `@requiresScopes` are guarded; ids, strings and dates are bounded.
 *
 * @throws {CodedError} SCHEMA_INVALID that lists every problem, each with its place in the SDL
 */
export function createSubgraphSchema(options: SubgraphSchemaOptions): GraphQLSchema {
  const { transforms = [], inputLimits = {} } = options;
  const typeDefs = parseSdl([options.typeDefs].flat().join('\n'));
  const { resolvers, problems } = joinResolvers([options.resolvers].flat());
  const all = [...problems, ...findSchemaProblems(typeDefs, resolvers)];
  if (all.length > 0) throw invalid(all);
  const schema = build(typeDefs, {
    ...guardReferences(resolvers, typeDefs),
    ...scalarsOf(typeDefs, options.scalars, resolvers),
  });
  checkRepresentations(schema);
  constrainInputs(schema, inputLimits);
  // Around the constraints: who may not ask learns nothing of what a right question would be.
  applyAuthDirectives(schema, typeDefs);
  // Around everything: a request that is over starts nothing any more.
  return stopWhenAborted(transforms.reduce((current, transform) => transform(current), schema));
}

function parseSdl(sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (error: unknown) {
    throw invalid([describeProblem(toError(error))]);
  }
}

function build(typeDefs: DocumentNode, resolvers: ResolversByType): GraphQLSchema {
  try {
    // The library's type of a resolver map is narrower than what graphql-js takes.
    return buildSubgraphSchema([{ typeDefs, resolvers: resolvers as Record<string, never> }]);
  } catch (error: unknown) {
    // graphql-js puts several problems into one message, divided by empty lines.
    throw invalid(toError(error).message.split('\n\n'));
  }
}

/** The scalars that a schema declares: the kit's, those that replace them, those among the resolvers. */
function scalarsOf(
  typeDefs: DocumentNode,
  replaced: SubgraphSchemaOptions['scalars'] = {},
  resolvers: ResolversByType,
): ResolversByType {
  const ofResolvers = Object.entries(resolvers).filter(([, value]) => isScalarType(value));
  const known: Readonly<Record<string, GraphQLScalarType>> = {
    ...defaultScalars,
    ...replaced,
    ...Object.fromEntries(ofResolvers),
  };
  const declared = typeDefs.definitions.flatMap((definition) =>
    definition.kind === Kind.SCALAR_TYPE_DEFINITION ? [definition.name.value] : [],
  );
  return Object.fromEntries(
    declared.flatMap((name) => (known[name] ? [[name, functionsOf(known[name])]] : [])),
  );
}

/** What a scalar does without what it says of itself: description and `@specifiedBy` are the schema's to write. */
const functionsOf = ({ serialize, parseValue, parseLiteral }: GraphQLScalarType) => ({
  serialize,
  parseValue,
  parseLiteral,
});

/** Joins modules field by field; two that answer one field are a problem. */
function joinResolvers(modules: readonly ResolverMap[]) {
  const resolvers: Record<string, object> = {};
  const problems: string[] = [];
  for (const [type, fields] of modules.flatMap((module) => Object.entries(module) as [string, object][])) {
    const known = Object.hasOwn(resolvers, type) ? resolvers[type] : undefined;
    if (known && (isScalarType(known) || isScalarType(fields))) {
      problems.push(`Expected one scalar ${type}, but got several`);
      continue;
    }
    const twice = Object.keys(fields).filter((field) => known && Object.hasOwn(known, field));
    problems.push(...twice.map((field) => `Expected one resolver for ${type}.${field}, but got several`));
    resolvers[type] = isScalarType(fields) ? fields : { ...known, ...fields };
  }
  return { resolvers, problems };
}

const invalid = (problems: readonly string[]) =>
  new CodedError(
    'SCHEMA_INVALID',
    `The schema cannot be served:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    {
      extensions: { problems },
    },
  );
