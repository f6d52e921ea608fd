import { isUnionType, type GraphQLCompositeType, type GraphQLObjectType } from 'graphql';

import type { Selections } from './selection.ts';
import type { TypeDependence } from './type-dependence.ts';

/**
 * Groups the types of an abstract place by what is answered of their objects. An interface may have hundreds of
 * implementations, of which an operation tells a few apart: all work here is for those few.
 */
export class AlikeTypes {
  readonly #types: TypeDependence;
  readonly #variations = new Map<string, ReadonlyMap<GraphQLObjectType, string>>();

  constructor(types: TypeDependence) {
    this.#types = types;
  }

  group(place: GraphQLCompositeType, lists: readonly Selections[]): readonly (readonly string[])[] {
    const possible = this.#types.possibleTypes(place);
    const { conditions, fields } = mentionedIn(lists);
    if (fields.has('__typename') || fields.size === 0) return possible.map(({ name }) => [name]);
    const marks = new Map<GraphQLObjectType, string>();
    const mark = (type: GraphQLObjectType, text: string) =>
      marks.set(type, `${marks.get(type) ?? ''} ${text}`);
    for (const condition of conditions) {
      if (this.#types.isWithin(place, condition)) continue;
      for (const type of this.#types.possibleTypes(condition)) mark(type, condition.name);
    }
    for (const name of fields) {
      for (const [type, text] of this.#variationsOf(place, name)) mark(type, `${name}: ${text}`);
    }
    const groups = Map.groupBy(possible, (type) => marks.get(type) ?? '');
    return [...groups.values()].map((alike) => alike.map(({ name }) => name));
  }

  /** The types for which a field means something else than for most. */
  #variationsOf(place: GraphQLCompositeType, name: string): ReadonlyMap<GraphQLObjectType, string> {
    const key = `${place.name}.${name}`;
    let variations = this.#variations.get(key);
    if (!variations) {
      const usual = isUnionType(place) ? undefined : place.getFields()[name];
      const entries = this.#types
        .possibleTypes(place)
        .map((type) => [type, this.#describe(type, name)] as const)
        .filter(([, text]) => text !== String(usual?.type));
      this.#variations.set(key, (variations = new Map(entries)));
    }
    return variations;
  }

  #describe(type: GraphQLObjectType, name: string): string {
    // Of a refused type nothing is shown, whatever is selected.
    if (this.#types.isRefused(type, '__typename')) return 'refused type';
    return this.#types.isRefused(type, name) ? 'refused' : String(type.getFields()[name]?.type);
  }
}

/** All that selections on an object may tell types apart by. */
function mentionedIn(lists: readonly Selections[]) {
  const mentioned = { conditions: new Set<GraphQLCompositeType>(), fields: new Set<string>() };
  const seen = new Set<Selections>();
  const mention = (selections: Selections): void => {
    if (seen.has(selections)) return;
    seen.add(selections);
    for (const selection of selections) {
      if (selection.kind === 'field') mentioned.fields.add(selection.definition.name);
      else {
        mentioned.conditions.add(selection.type);
        mention(selection.selections);
      }
    }
  };
  for (const selections of lists) mention(selections);
  return mentioned;
}
