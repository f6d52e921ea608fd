import { isListType, isNonNullType, type GraphQLOutputType } from 'graphql';

import { tooMany } from '../../errors/gateway-errors.ts';
import type { Selections } from './selection.ts';

// What writes answers calls itself for every level, a few times: twice as many lists, some of them with an error in them,
// run out of stack. Ten times what MAX_DEPTH allows of selections by default, so it takes lists within lists to come near.
const maxLevels = 500;

/**
 * Refuses an operation whose answer may be nested deeper than can be written. The depth of selections is limited as well,
 * but each of their fields may be of lists within lists.
 *
 * @throws {OperationTooComplex} with `limit` and `score` in the extensions
 */
export function refuseDeepAnswer(selections: Selections): void {
  const levels = levelsOf(selections, new Map());
  if (levels > maxLevels) throw tooMany('levels of objects and lists in its answer', maxLevels, levels);
}

/** @param known named fragments share their selections, and would otherwise be gone through for each spread */
function levelsOf(selections: Selections, known: Map<Selections, number>): number {
  const found = known.get(selections);
  if (found !== undefined) return found;
  let deepest = 0;
  for (const selection of selections) {
    const levels =
      selection.kind === 'fragment'
        ? levelsOf(selection.selections, known)
        : listsOf(selection.definition.type) + 1 + levelsOf(selection.selections ?? [], known);
    deepest = Math.max(deepest, levels);
  }
  known.set(selections, deepest);
  return deepest;
}

function listsOf(type: GraphQLOutputType): number {
  let lists = 0;
  let inner: GraphQLOutputType = type;
  while (isListType(inner) || isNonNullType(inner)) {
    if (isListType(inner)) lists += 1;
    inner = inner.ofType;
  }
  return lists;
}
