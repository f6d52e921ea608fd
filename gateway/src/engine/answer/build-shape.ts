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

import { AlikeTypes } from './alike-types.ts';
import { leafOf, type Leaf } from './leaf.ts';
import type { NormalizedOperation } from './normalize-operation.ts';
import { once } from './once.ts';
import { isTypeRefused } from './refusals.ts';
import type { Defer, FieldSelection, FragmentSelection, Selection, Selections } from './selection.ts';
import type { FieldShape, ObjectPlace, ObjectShape, ValueShape } from './shape.ts';

/**
 * Builds the shape of the answers to an operation. What stands beneath abstract places is built when it is first asked
 * for: an interface may have hundreds of implementations, of which an answer shows two.
 */
export function buildShape(normalized: NormalizedOperation, conditions: ShapeConditions): ObjectShape {
  const { root, selections } = normalized.operation;
  return new ShapeBuilder(normalized, conditions).objectShape(root, [selections]);
}

/** What shapes differ by. */
export interface ShapeConditions {
  /** Whether a variable that conditions hang on is true. */
  readonly isTrue: (variable: string) => boolean;
  /** Whether deferred fragments are left out, to be delivered later. */
  readonly defers: boolean;
}

type ObjectLike = GraphQLObjectType | GraphQLInterfaceType;

/** What is selected on one object. */
interface Collected {
  readonly fields: Map<string, FieldSelection[]>;
  readonly deferred: { readonly defer: Defer; readonly collected: Collected }[];
}

class ShapeBuilder {
  readonly #normalized: NormalizedOperation;
  readonly #conditions: ShapeConditions;
  readonly #alikeTypes: AlikeTypes;
  readonly #places = new Map<string, ObjectPlace>();
  readonly #ids = new Map<Selections, number>();
  readonly #leaves = new Map<GraphQLLeafType, Leaf>();

  constructor(normalized: NormalizedOperation, conditions: ShapeConditions) {
    this.#normalized = normalized;
    this.#conditions = conditions;
    this.#alikeTypes = new AlikeTypes(normalized.types);
  }

  objectShape(type: ObjectLike, lists: readonly Selections[]): ObjectShape {
    const collected: Collected = { fields: new Map(), deferred: [] };
    const taken = new Set<string>();
    for (const selections of lists) this.#collect(type, selections, collected, taken);
    return this.#toShape(type, collected);
  }

  #toShape(type: ObjectLike, { fields, deferred }: Collected): ObjectShape {
    return {
      type,
      fields: [...fields.values()].map((same) => this.#fieldShape(type, same)),
      deferred: deferred.map(({ defer, collected }) => ({ defer, shape: this.#toShape(type, collected) })),
    };
  }

  /** CollectFields of the specification: its order is the order of the answer. */
  #collect(type: ObjectLike, selections: Selections, collected: Collected, taken: Set<string>): void {
    for (const selection of selections) {
      if (!this.#isIncluded(selection)) continue;
      if (selection.kind === 'fragment') this.#collectFragment(type, selection, collected, taken);
      else {
        const same = collected.fields.get(selection.responseKey);
        if (same) same.push(selection);
        else collected.fields.set(selection.responseKey, [selection]);
      }
    }
  }

  #collectFragment(
    type: ObjectLike,
    { name, defer, type: on, selections }: FragmentSelection,
    collected: Collected,
    taken: Set<string>,
  ): void {
    if (name !== undefined && taken.has(name)) return;
    const fits = this.#normalized.types.isWithin(type, on);
    if (defer !== undefined && this.#isDeferred(defer)) {
      const later: Collected = { fields: new Map(), deferred: [] };
      // What it takes may be selected again beside it, and not only later.
      if (fits) this.#collect(type, selections, later, new Set(taken));
      if (later.fields.size > 0 || later.deferred.length > 0)
        collected.deferred.push({ defer, collected: later });
      return;
    }
    if (name !== undefined) taken.add(name);
    if (fits) this.#collect(type, selections, collected, taken);
  }

  #isDeferred({ variable }: Defer): boolean {
    const { defers, isTrue } = this.#conditions;
    return defers && (variable === undefined || isTrue(variable));
  }

  #isIncluded({ conditions }: Selection): boolean {
    return conditions.every(({ variable, wanted }) => this.#conditions.isTrue(variable) === wanted);
  }

  #fieldShape(type: ObjectLike, same: readonly FieldSelection[]): FieldShape {
    const [first] = same as readonly [FieldSelection, ...FieldSelection[]];
    const { responseKey, dataKey, definition } = first;
    const nodes = same.map(({ node }) => node);
    const field = {
      responseKey,
      keyText: `${JSON.stringify(responseKey)}:`,
      dataKey,
      coordinate: `${type.name}.${definition.name}`,
      nodes,
    };
    if (dataKey === '__typename') return { ...field, kind: 'typename', typeName: type.name };
    if (dataKey === '__schema' || dataKey === '__type') return { ...field, kind: 'introspection' };
    // The field of the object's own type: an implementation may promise more than its interface.
    const own = type.getFields()[definition.name] ?? definition;
    if (isObjectType(type) && this.#normalized.types.isRefused(type, definition.name)) {
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
      return { type, typeNames: [type.name], alike: () => [[type.name]], shapeOf: shape };
    }
    const possible = new Map(types.possibleTypes(type).map((each) => [each.name as unknown, each]));
    const known = new Map<unknown, ObjectShape | 'refused'>();
    const anyType = once(() => this.#shapeOfAnyType(type, lists));
    const build = (each: GraphQLObjectType) =>
      isTypeRefused(refusals, each) ? 'refused' : this.objectShape(each, lists);
    return {
      type,
      typeNames: [...possible.values()].map(({ name }) => name),
      alike: () => this.#alikeTypes.group(type, lists),
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
