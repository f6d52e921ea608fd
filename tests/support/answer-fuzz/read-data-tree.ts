import {
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  Kind,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type SelectionSetNode,
} from 'graphql';

import { Failures } from '../../../gateway/src/engine/answer/failures.ts';
import { isFieldRefused } from '../../../gateway/src/engine/answer/refusals.ts';
import { Dice } from './dice.ts';
import type { Modelled, ModelledObject } from './model.ts';
import { rootOf, type Reading } from './read-with-graphql-js.ts';

export interface DataTree {
  readonly data: object;
  readonly failures: Failures;
}

/**
 * The data tree that fetches would fill for a normalised document: no order, no null bubbling, one object for one
 * entity with the same selections. Types stand where they are asked for, elsewhere as a planner may or may not add them.
 *
 * @param mayHideTypes whether data may leave out a type that nobody asked for
 */
export function readDataTree(reading: Reading, seed: string, mayHideTypes: boolean): DataTree {
  return new TreeReader(reading, new Dice(seed), mayHideTypes).read();
}

class TreeReader {
  readonly #reading: Reading;
  readonly #dice: Dice;
  readonly #mayHideTypes: boolean;
  readonly #failures = new Failures();
  readonly #objects = new Map<string, object>();
  readonly #ids = new Map<SelectionSetNode, number>();

  constructor(reading: Reading, dice: Dice, mayHideTypes: boolean) {
    this.#reading = reading;
    this.#dice = dice;
    this.#mayHideTypes = mayHideTypes;
  }

  read(): DataTree {
    const { document, schema } = this.#reading;
    const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    const sets = operation && 'selectionSet' in operation ? [operation.selectionSet] : [];
    const root = schema.getQueryType() as GraphQLObjectType;
    return { data: this.#object(rootOf(schema), root, sets), failures: this.#failures };
  }

  #object(object: ModelledObject, place: GraphQLCompositeType, sets: readonly SelectionSetNode[]): object {
    const key = `${object.typeName} ${object.id} ${place.name} ${sets.map((set) => this.#idOf(set)).join()}`;
    let data = this.#objects.get(key);
    if (!data) {
      this.#objects.set(key, (data = {}));
      this.#fill(data as Record<string, unknown>, object, place, sets);
    }
    return data;
  }

  #fill(
    data: Record<string, unknown>,
    object: ModelledObject,
    place: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
  ): void {
    const { schema, model, refusals, variables } = this.#reading;
    const type = schema.getType(object.typeName) as GraphQLObjectType;
    const collected = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(type, set, collected);
    for (const [key, nodes] of collected) {
      const [node] = nodes as [FieldNode, ...FieldNode[]];
      if (node.name.value === '__typename') {
        data[key] = type.name;
        continue;
      }
      const field = type.getFields()[node.name.value];
      if (!field) throw new Error(`${type.name} has no field ${node.name.value}`);
      if (isFieldRefused(refusals, type, field)) throw new Error(`${type.name}.${field.name} was asked for`);
      const args = JSON.stringify(getArgumentValues(field, node, { ...variables }));
      const inside = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
      const named = getNamedType(field.type);
      this.#set(data, key, model.field(object, field.name, args), named as GraphQLCompositeType, inside);
    }
    if (isAbstractType(place) && !('__typename' in data)) {
      const chosen = this.#mayHideTypes && isInterfaceType(place) ? this.#dice.roll(4) : 3;
      if (chosen > 0) data['__typename'] = chosen === 1 ? place.name : type.name;
    }
  }

  #set(
    parent: Record<string | number, unknown>,
    key: string | number,
    value: Modelled,
    place: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
  ): void {
    if (value.kind === 'failed') this.#failures.add(parent, key, value.error);
    if (value.kind === 'failed' || value.kind === 'null') {
      // What is missing may as well be absent.
      if (typeof key === 'number' || this.#dice.happens(500)) parent[key] = null;
    } else if (value.kind === 'list') {
      const list: unknown[] = [];
      parent[key] = list;
      for (const [index, item] of value.items.entries()) this.#set(list as never, index, item, place, sets);
    } else {
      parent[key] = value.kind === 'object' ? this.#object(value, place, sets) : value.json;
    }
  }

  #collect(type: GraphQLObjectType, set: SelectionSetNode, collected: Map<string, FieldNode[]>): void {
    for (const node of set.selections) {
      if (!this.#isIncluded(node.directives ?? [])) continue;
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        collected.set(key, [...(collected.get(key) ?? []), node]);
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.#fragment(node.name.value) : node;
      const on = fragment.typeCondition?.name.value ?? type.name;
      const condition = this.#reading.schema.getType(on) as GraphQLCompositeType;
      const fits =
        condition === type || (isAbstractType(condition) && this.#reading.schema.isSubType(condition, type));
      if (fits) this.#collect(type, fragment.selectionSet, collected);
    }
  }

  #fragment(name: string): FragmentDefinitionNode {
    const found = this.#reading.document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    );
    if (!found) throw new Error(`Expected a fragment ${name}`);
    return found as FragmentDefinitionNode;
  }

  #isIncluded(directives: readonly DirectiveNode[]): boolean {
    return directives.every(({ name, arguments: [condition] = [] }) => {
      const value = condition?.value;
      const isTrue =
        value?.kind === Kind.VARIABLE
          ? this.#reading.variables[value.name.value] === true
          : value?.kind === Kind.BOOLEAN && value.value;
      return isTrue === (name.value === 'include');
    });
  }

  #idOf(set: SelectionSetNode): number {
    let id = this.#ids.get(set);
    if (id === undefined) this.#ids.set(set, (id = this.#ids.size));
    return id;
  }
}
