import {
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/** The type that a subgraph's `__typename` names, if it names one. */
export const typeNamed = (typename: unknown, schema: GraphQLSchema): GraphQLNamedType | undefined =>
  typeof typename === 'string' ? schema.getType(typename) : undefined;

/** Whether objects of one type count as another: itself, or an interface or union that it belongs to. */
export function isOfType(typename: unknown, condition: string, schema: GraphQLSchema): boolean {
  if (typename === condition) return true;
  const type = typeNamed(typename, schema);
  const conditionType = schema.getType(condition);
  if (!type || !conditionType || !isAbstractType(conditionType)) return false;
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(conditionType, type);
}

const fragmentPrefix = '... on ';

/** Whether an element of a rewrite's path is a condition (`... on Book`), not a key. */
export const isTypeCondition = (element: string): boolean => element.startsWith(fragmentPrefix);

/** Whether a condition of a path lets an object through. One without a name does: nobody needed the name of it. */
export const fitsCondition = (typename: unknown, element: string, schema: GraphQLSchema): boolean =>
  typename === undefined || isOfType(typename, element.slice(fragmentPrefix.length), schema);
