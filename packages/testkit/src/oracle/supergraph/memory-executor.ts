import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';

import { isMissing } from './failures.ts';
import { isAnsweredElsewhere, type SupergraphModel } from './model.ts';
import { printSubgraph } from './print-subgraph.ts';
import {
  plainValue,
  providesAll,
  requiredValue,
  selectFromRepresentation,
  type Run,
} from './resolve-field.ts';
import { canonical, fieldsIn, parseSelection, type World, type WorldNode } from './world.ts';

/** An object as one subgraph has it. */
interface LocalNode {
  readonly __typename: string;
  readonly node: WorldNode;
  /** What the gateway said about it; absent when the subgraph found it itself. */
  readonly representation?: Readonly<Record<string, unknown>>;
  /** What `@provides` says of the field that led here. */
  readonly provides?: string | undefined;
}

export interface MemoryRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** One generated subgraph, in this process. */
export interface MemoryExecutor {
  readonly name: string;
  readonly sdl: string;
  execute(request: MemoryRequest, run: Run): Promise<ExecutionResult>;
}

/** Makes a subgraph that answers what its schema says from the data of a world, and from representations. */
export function createMemoryExecutor(world: World, name: string): MemoryExecutor {
  const sdl = printSubgraph(world.model, name);
  const schema = buildMemorySchema(sdl, referenceResolvers(world, name, sdl));
  const documents = new Map<string, DocumentNode>();
  const parseOnce = (query: string): DocumentNode => {
    const known = documents.get(query) ?? parseValid(schema, query);
    documents.set(query, known);
    return known;
  };
  return {
    name,
    sdl,
    execute: async ({ query, variables = {} }, run) =>
      execute({
        schema,
        document: parseOnce(query),
        variableValues: variables,
        contextValue: run,
        fieldResolver: resolverOf(name),
        typeResolver: (value) => (value as LocalNode).__typename,
      }),
  };
}

function parseValid(schema: GraphQLSchema, query: string): DocumentNode {
  const document = parse(query, { noLocation: true });
  const [problem] = validate(schema, document);
  if (problem) throw new Error(`Expected a valid request, but got "${problem.message}" for ${query}`);
  return document;
}

/** Builds the executable schema of a subgraph, from its SDL and the usual map of resolvers. */
export const buildMemorySchema = (sdl: string, resolvers: object): GraphQLSchema =>
  buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as Resolvers }]);

type Resolvers = NonNullable<
  Extract<
    Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>[number],
    { resolvers?: unknown }
  >['resolvers']
>;

function referenceResolvers(world: World, subgraph: string, sdl: string): Resolvers {
  const { objects, interfaces } = world.model;
  const names = [
    ...objects.filter(({ kind, subgraphs }) => kind === 'entity' && subgraphs[subgraph]),
    ...interfaces.filter(({ name, object }) => object && new RegExp(`(type|interface) ${name}\\b`).test(sdl)),
  ].map(({ name }) => name);
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        __resolveReference: (representation: Record<string, unknown>, run: Run) => {
          const found = findEntity(world, subgraph, name, representation);
          return found && isMissing(run.failures, found.node, subgraph) ? null : found;
        },
      },
    ]),
  ) as Resolvers;
}

/** @throws {Error} for a representation by no key of this subgraph */
function findEntity(
  world: World,
  subgraph: string,
  type: string,
  representation: Readonly<Record<string, unknown>>,
): LocalNode | null {
  const { objects, interfaces } = world.model;
  const object = objects.find(({ name }) => name === type);
  const found = interfaces.find(({ name }) => name === type);
  const members = found ? Object.values(found.members).flatMap((names = []) => names) : [type];
  const own = object?.keys.filter(({ uses }) => uses[subgraph]?.isResolvable).map(({ fields }) => fields);
  const keys = (own ?? [found?.object?.key ?? '']).filter(
    (key) => selectFromRepresentation(representation, parseSelection(key)) !== undefined,
  );
  if (keys.length === 0)
    throw new Error(`No key of ${type} in ${subgraph} fits ${JSON.stringify(representation)}`);
  const node = members
    .flatMap((member) => world.entities(member))
    .find((candidate) => keys.every((key) => hasKey(world, candidate, key, representation)));
  if (!node) return null;
  const isObject = found?.object?.subgraph === subgraph;
  return { __typename: isObject ? type : node.__typename, node, representation };
}

function hasKey(world: World, node: WorldNode, key: string, representation: unknown): boolean {
  const set = parseSelection(key);
  return canonical(keyOf(world, node, key)) === canonical(selectFromRepresentation(representation, set));
}

function keyOf(world: World, node: WorldNode, key: string): Record<string, unknown> {
  const read = (owner: WorldNode, set: ReturnType<typeof parseSelection>): Record<string, unknown> =>
    Object.fromEntries(
      fieldsIn(set).map(({ name, selectionSet }) => {
        const field = world.field(owner.__typename, name.value);
        const value = field && world.valueOf(owner, field, {});
        return [name.value, selectionSet ? read(value as WorldNode, selectionSet) : value];
      }),
    );
  return read(node, parseSelection(key));
}

const resolverOf =
  (subgraph: string): GraphQLFieldResolver<LocalNode | undefined, Run> =>
  (parent, args, run, { parentType, fieldName, schema }) => {
    const node = parent?.node ?? { __typename: parentType.name, identity: parentType.name };
    const field = run.world.field(node.__typename, fieldName);
    const isKeyOfInterface = run.world.model.interfaces.some(
      ({ name, object }) => name === parentType.name && object?.key === fieldName,
    );
    const use = isKeyOfInterface ? {} : field?.uses[subgraph];
    if (!field || !use) throw new Error(`${subgraph} has no ${node.__typename}.${fieldName}`);
    if (isAnsweredElsewhere(field, subgraph, run.labels))
      throw new Error(`${subgraph} was asked for ${fieldName}, which it has handed over`);
    if (use.isExternal && !providesAll(parent?.provides ?? '__typename', fieldName))
      throw new Error(`${subgraph} was asked for ${fieldName}, which is external`);
    const given = args as Record<string, unknown>;
    const value = plainValue(run, node, field, given);
    if (use.requires !== undefined && value !== null) {
      const required = selectFromRepresentation(parent?.representation, parseSelection(use.requires));
      if (required === undefined) {
        throw new Error(
          `${subgraph} was asked for ${fieldName} without "${use.requires}": ${JSON.stringify(parent?.representation)}`,
        );
      }
      return requiredValue(field, required, given);
    }
    return localize(value, use.provides, (type) => localTypeOf(run.world.model, schema, subgraph, type));
  };

/** Of an interface object a subgraph does not know which type it is. */
function localTypeOf(model: SupergraphModel, schema: GraphQLSchema, subgraph: string, type: string): string {
  const known = schema.getType(type);
  if (isObjectType(known) || isInterfaceType(known)) return type;
  const found = model.interfaces.find(
    ({ object, members }) =>
      object?.subgraph === subgraph && Object.values(members).some((names) => names?.includes(type)),
  );
  return found?.name ?? type;
}

function localize(value: unknown, provides: string | undefined, typeOf: (type: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => localize(item, provides, typeOf));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as WorldNode;
  return { __typename: typeOf(node.__typename), node, provides } satisfies LocalNode;
}
