import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

interface EntitiesArguments {
  readonly representations: readonly unknown[];
}

/**
 * Makes `_entities` look at the types of all representations before the first one is resolved: when it finds an unknown
 * one half-way, nobody is left to take the failures of those before, and an error that nobody takes ends the process.
 */
export function checkRepresentations(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()['_entities'];
  const resolve = field?.resolve;
  if (!field || !resolve) return;
  field.resolve = (parent, args: EntitiesArguments, context, info) => {
    const unknown = args.representations.find((representation) => !isKnown(schema, representation));
    return resolve(
      parent,
      unknown === undefined ? args : { ...args, representations: [unknown] },
      context,
      info,
    );
  };
}

function isKnown(schema: GraphQLSchema, representation: unknown): boolean {
  const { __typename: name } = Object(representation) as { readonly __typename?: unknown };
  const type = typeof name === 'string' ? schema.getType(name) : undefined;
  return isObjectType(type) || isInterfaceType(type);
}
