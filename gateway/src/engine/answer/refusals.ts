import { getNamedType, isObjectType, type GraphQLField, type GraphQLObjectType } from 'graphql';

/** What the caller may not see in this operation. */
export interface Refusals {
  /**
   * Asked for object types and their fields only. For the field `__typename` it says whether the type is refused as a
   * whole: then no object of it may appear, wherever it is returned.
   */
  isRefused(objectType: string, field: string): boolean;
}

export const noRefusals: Refusals = { isRefused: () => false };

/** Whether no object of this type may be seen. */
export const isTypeRefused = (refusals: Refusals, type: GraphQLObjectType): boolean =>
  refusals.isRefused(type.name, '__typename');

/** Whether a field of an object type may not be seen: by itself, or because of what it returns. */
export function isFieldRefused(
  refusals: Refusals,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): boolean {
  if (refusals.isRefused(type.name, field.name) || isTypeRefused(refusals, type)) return true;
  const returned = getNamedType(field.type);
  return isObjectType(returned) && isTypeRefused(refusals, returned);
}
