import { buildSubgraphSchema } from '@apollo/subgraph';
import { CodedError, toError } from '@tributary/errors';
import {
  GraphQLError,
  isScalarType,
  Kind,
  parse,
  validateSchema,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import type { GraphQLScalarType } from 'graphql';

import { defaultScalars } from '../scalars/scalars.ts';
import { constrainInputs, type InputLimits } from './constrain-inputs.ts';

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
 * Builds the executable schema of a subgraph and checks it whole: syntax, types, interfaces, resolvers.
 *
 * @throws {CodedError} SCHEMA_INVALID that lists every problem, each with its place in the SDL
 */
export function createSubgraphSchema(options: SubgraphSchemaOptions): GraphQLSchema {
  const { transforms = [], inputLimits = {} } = options;
  const typeDefs = parseSdl([options.typeDefs].flat().join('\n'));
  const resolvers = joinResolvers([options.resolvers].flat());
  const schema = build(typeDefs, { ...declaredScalars(typeDefs, options.scalars), ...resolvers });
  const problems = [...validateSchema(schema).map(describeProblem), ...missingResolvers(schema)];
  if (problems.length > 0) throw invalid(problems);
  constrainInputs(schema, inputLimits);
  return transforms.reduce((current, transform) => transform(current), schema);
}

function parseSdl(sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (error: unknown) {
    throw invalid([describeProblem(toError(error))]);
  }
}

function build(typeDefs: DocumentNode, resolvers: Record<string, unknown>): GraphQLSchema {
  try {
    // The library's type of a resolver map is narrower than what graphql-js takes.
    return buildSubgraphSchema([{ typeDefs, resolvers: resolvers as Record<string, never> }]);
  } catch (error: unknown) {
    // graphql-js puts several problems into one message, divided by empty lines.
    throw invalid(toError(error).message.split('\n\n'));
  }
}

/** A schema gets the scalars that it declares, no others. */
function declaredScalars(typeDefs: DocumentNode, replaced: SubgraphSchemaOptions['scalars'] = {}) {
  const known: Readonly<Record<string, GraphQLScalarType>> = { ...defaultScalars, ...replaced };
  const declared = typeDefs.definitions.flatMap((definition) =>
    definition.kind === Kind.SCALAR_TYPE_DEFINITION ? [definition.name.value] : [],
  );
  return Object.fromEntries(declared.flatMap((name) => (known[name] ? [[name, known[name]]] : [])));
}

/** @throws {CodedError} SCHEMA_INVALID when two modules answer one field */
function joinResolvers(modules: readonly ResolverMap[]): Record<string, unknown> {
  const joined: Record<string, Record<string, unknown> | GraphQLScalarType> = {};
  const problems: string[] = [];
  for (const module of modules) {
    for (const [type, fields] of Object.entries(module) as [
      string,
      Record<string, unknown> | GraphQLScalarType,
    ][]) {
      if (isScalarType(fields)) {
        joined[type] = fields;
        continue;
      }
      const known = joined[type] as Record<string, unknown> | undefined;
      const twice = Object.keys(fields).filter((field) => known && field in known);
      problems.push(...twice.map((field) => `Expected one resolver for ${type}.${field}, but got several`));
      joined[type] = { ...known, ...fields };
    }
  }
  if (problems.length > 0) throw invalid(problems);
  return joined;
}

/** A root field has no parent that could hold its value: without a resolver it would always be null. */
function missingResolvers(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter((field) => !field.resolve && !field.subscribe && !field.name.startsWith('_'))
      .map((field) => `Expected a resolver for ${root?.name}.${field.name}, but got none`),
  );
}

function describeProblem(problem: Error): string {
  const at = problem instanceof GraphQLError ? problem.locations?.[0] : undefined;
  return at ? `${problem.message} (line ${at.line}, column ${at.column})` : problem.message;
}

const invalid = (problems: readonly string[]) =>
  new CodedError(
    'SCHEMA_INVALID',
    `The schema cannot be served:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    {
      extensions: { problems },
    },
  );
