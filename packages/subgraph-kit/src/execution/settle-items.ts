import { toError } from '@tributary/errors';
import { getNullableType, isListType, isObjectType, type GraphQLSchema } from 'graphql';

/**
 * Makes every field that gives a list put an Error in the place of an item that is rejected, which means the same to
 * every executor: graphql-jit puts the null for a rejected item at the end of what has come of the list by then.
 */
export function settleItems(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve || !isListType(getNullableType(field.type))) continue;
      field.resolve = (...call) => {
        const list: unknown = resolve(...call);
        return list instanceof Promise ? list.then(settled) : settled(list);
      };
    }
  }
}

/** A list of plain values stays the one that it is. */
function settled(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const isPlain = list.every((item) => !(item instanceof Promise) && !Array.isArray(item));
  return isPlain
    ? list
    : list.map((item: unknown) => (item instanceof Promise ? item.then(settled, toError) : settled(item)));
}
