import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';

import { leafOf, type Leaf } from './leaf.ts';
import type { NormalizedOperation } from './normalize-operation.ts';
import { isTypeRefused } from './refusals.ts';
import type { FieldSelection, Selection, Selections } from './selection.ts';
import type { FieldShape, ObjectPlace, ObjectShape, ValueShape } from './shape.ts';

/**
 * Builds the shape of the answers to an operation. What stands beneath abstract places is built when it is first asked
 * for: an interface may have hundreds of implementations, of which an answer shows two.
 *
 * @param isTrue whether a variable that conditions hang on is true
 */
export function buildShape(
  normalized: NormalizedOperation,
  isTrue: (variable: string) => boolean,
): ObjectShape {
  const { root, selections } = normalized.operation;
  return new ShapeBuilder(normalized, isTrue).objectShape(root, [selections]);
}

class ShapeBuilder {
  readonly #normalized: NormalizedOperation;
  readonly #isTrue: (variable: string) => boolean;
  readonly #places = new Map<string, ObjectPlace>();
  readonly #ids = new Map<Selections, number>();
  readonly #leaves = new Map<GraphQLLeafType, Leaf>();

  constructor(normalized: NormalizedOperation, isTrue: (variable: string) => boolean) {
    this.#normalized = normalized;
    this.#isTrue = isTrue;
  }

  objectShape(type: GraphQLObjectType | GraphQLInterfaceType, lists: readonly Selections[]): ObjectShape {
    const collected = new Map<string, FieldSelection[]>();
    const taken = new Set<string>();
    for (const selections of lists) this.#collect(type, selections, collected, taken);
    return { type, fields: [...collected.values()].map((same) => this.#fieldShape(type, same)) };
  }

  /** CollectFields of the specification: its order is the order of the answer. */
  #collect(
    type: GraphQLObjectType | GraphQLInterfaceType,
    selections: Selections,
    collected: Map<string, FieldSelection[]>,
    taken: Set<string>,
  ): void {
    for (const selection of selections) {
      if (!this.#isIncluded(selection)) continue;
      if (selection.kind === 'field') {
        const same = collected.get(selection.responseKey);
        if (same) same.push(selection);
        else collected.set(selection.responseKey, [selection]);
        continue;
      }
      const { name } = selection;
      if (name !== undefined && taken.has(name)) continue;
      if (name !== undefined) taken.add(name);
      if (!this.#normalized.types.isWithin(type, selection.type)) continue;
      this.#collect(type, selection.selections, collected, taken);
    }
  }

  #isIncluded({ conditions }: Selection): boolean {
    return conditions.every(({ variable, wanted }) => this.#isTrue(variable) === wanted);
  }

  #fieldShape(
    type: GraphQLObjectType | GraphQLInterfaceType,
    same: readonly [FieldSelection, ...FieldSelection[]] | readonly FieldSelection[],
  ): FieldShape {
    const [first] = same as readonly [FieldSelection, ...FieldSelection[]];
    const { responseKey, dataKey, definition } = first;
    const nodes = same.map(({ node }) => node);
    const field = { responseKey, dataKey, coordinate: `${type.name}.${definition.name}`, nodes };
    if (dataKey === '__typename') return { ...field, kind: 'typename', typeName: type.name };
    if (dataKey === '__schema' || dataKey === '__type') return { ...field, kind: 'introspection' };
    // The field of the object's own type: an implementation may promise more than its interface.
    const own = type.getFields()[definition.name] ?? definition;
    if (isObjectType(type) && this.#normalized.types.isRefused(type, first)) {
      return { ...field, kind: 'refused', isNonNull: isNonNullType(own.type) };
    }
    const lists = same.flatMap(({ selections }) => (selections ? [selections] : []));
    return { ...field, kind: 'value', value: this.#valueShape(own.type, lists) };
  }

  #valueShape(type: GraphQLOutputType, lists: readonly Selections[]): ValueShape {
    const nullable = getNullableType(type);
    const value = { type: nullable, isNonNull: isNonNullType(type) };
    if (isListType(nullable))
      return { ...value, kind: 'list', item: this.#valueShape(nullable.ofType, lists) };
    const named = getNamedType(nullable);
    if (!isCompositeType(named)) return { ...value, kind: 'leaf', leaf: this.#leaf(named) };
    return { ...value, kind: 'object', place: this.#place(named, lists) };
  }

  #leaf(type: GraphQLLeafType): Leaf {
    let leaf = this.#leaves.get(type);
    if (!leaf) this.#leaves.set(type, (leaf = leafOf(type)));
    return leaf;
  }

  /** One for equal selections: those on an interface are the same for all its implementations. */
  #place(type: GraphQLCompositeType, lists: readonly Selections[]): ObjectPlace {
    const key = `${lists.map((selections) => this.#idOf(selections)).join()} ${type.name}`;
    let place = this.#places.get(key);
    if (!place) this.#places.set(key, (place = this.#createPlace(type, lists)));
    return place;
  }

  #idOf(selections: Selections): number {
    let id = this.#ids.get(selections);
    if (id === undefined) this.#ids.set(selections, (id = this.#ids.size));
    return id;
  }

  #createPlace(type: GraphQLCompositeType, lists: readonly Selections[]): ObjectPlace {
    const { types, refusals } = this.#normalized;
    if (isObjectType(type)) {
      const shape = once(() => this.objectShape(type, lists));
      return { type, typeNames: [type.name], shapeOf: shape };
    }
    const possible = new Map(types.possibleTypes(type).map((each) => [each.name as unknown, each]));
    const known = new Map<unknown, ObjectShape | 'refused'>();
    const anyType = once(() => this.#shapeOfAnyType(type, lists));
    const build = (each: GraphQLObjectType) =>
      isTypeRefused(refusals, each) ? 'refused' : this.objectShape(each, lists);
    return {
      type,
      typeNames: [...possible.values()].map(({ name }) => name),
      shapeOf: (typeName) => {
        let shape = known.get(typeName);
        if (shape) return shape;
        const each = possible.get(typeName);
        if (!each) return typeName == null || typeName === type.name ? anyType() : 'unknown';
        known.set(typeName, (shape = build(each)));
        return shape;
      },
    };
  }

  /**
   * For data that does not say its type, or only the interface: a subgraph with an interface object knows no more. The
   * planner was told to ask further only where the answer hangs on it.
   */
  #shapeOfAnyType(type: GraphQLCompositeType, lists: readonly Selections[]): ObjectShape | 'unknown' {
    const hangsOnType =
      isAbstractType(type) && lists.some((list) => this.#normalized.types.hangsOnType(type, list));
    return isInterfaceType(type) && !hangsOnType ? this.objectShape(type, lists) : 'unknown';
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
