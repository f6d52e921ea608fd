import { Kind, parse, parseType, type FieldNode, type SelectionSetNode, type TypeNode } from 'graphql';

import type { Chance } from '../chance.ts';
import { topLevelFields } from './draft.ts';
import { findField, namedTypeOf, possibleTypesOf, type FieldModel, type SupergraphModel } from './model.ts';
import { hashOf, seededChance, wordOf } from './seeded-chance.ts';

/** One object of the data graph. */
export interface WorldNode {
  readonly __typename: string;
  /** Where it is in the world; equal for equal objects, whichever way they are reached. */
  readonly identity: string;
}

const entitiesPerType = 3;

/**
 * The data: every value follows from the seed, the object and the field (and arguments), so that nothing is stored and
 * all subgraphs and the monolith agree without speaking to each other.
 */
export class World {
  readonly model: SupergraphModel;
  readonly #seed: string;
  readonly #types = new Map<string, TypeNode>();
  readonly #fields = new Map<string, FieldModel | undefined>();

  constructor(model: SupergraphModel, seed: string) {
    this.model = model;
    this.#seed = seed;
  }

  field(type: string, name: string): FieldModel | undefined {
    const key = `${type}.${name}`;
    if (!this.#fields.has(key)) this.#fields.set(key, findField(this.model, type, name));
    return this.#fields.get(key);
  }

  typeOf(field: FieldModel): TypeNode {
    const known = this.#types.get(field.type) ?? parseType(field.type, { noLocation: true });
    this.#types.set(field.type, known);
    return known;
  }

  entities(type: string): WorldNode[] {
    return Array.from({ length: entitiesPerType }, (_none, index) => entity(type, index));
  }

  /** The value of a field that nothing has happened to: JSON with nodes in it. */
  valueOf(node: WorldNode, field: FieldModel, args: Readonly<Record<string, unknown>>): unknown {
    const text = canonical(args);
    const place = `${node.identity}/${field.name}${text === '{}' ? '' : wordOf(text)}`;
    const key = this.#isKey(node, field.name) ? this.#keyValue(node, field) : undefined;
    if (key !== undefined) return key;
    const chance = seededChance(`${this.#seed} ${place}`);
    return this.#value(this.typeOf(field), { chance, place, field });
  }

  #isKey({ __typename }: WorldNode, field: string): boolean {
    const object = this.model.objects.find(({ name }) => name === __typename);
    return object?.keys.some(({ fields }) => topLevelFields(fields).includes(field)) ?? false;
  }

  /** Different for each entity, and never null. */
  #keyValue(node: WorldNode, field: FieldModel): unknown {
    const index = Number(node.identity.split('-')[1]);
    const named = namedTypeOf(field.type);
    if (named === 'Int') return index + 1;
    // Different types have equal keys, unless they are asked for by an interface's key.
    const owner = this.#isMember(node.__typename) ? `-${node.__typename}` : '';
    if (named === 'ID' || named === 'String') return `${field.name}${owner}-${index}`;
    // A key by way of another entity is a different one for each.
    return named.startsWith('E') ? entity(named, index) : undefined;
  }

  #isMember(type: string): boolean {
    return this.model.interfaces.some(
      ({ object, members }) => object && Object.values(members).some((names) => names?.includes(type)),
    );
  }

  #value(type: TypeNode, { chance, place, field }: Making): unknown {
    if (type.kind === Kind.NON_NULL_TYPE) return this.#present(type.type, { chance, place, field });
    return chance.happens(5) ? null : this.#present(type, { chance, place, field });
  }

  #present(type: TypeNode, { chance, place, field }: Making): unknown {
    if (type.kind === Kind.NON_NULL_TYPE) return this.#present(type.type, { chance, place, field });
    if (type.kind === Kind.LIST_TYPE) {
      const canBeMade = !this.#isComposite(field) || possibleTypesOf(this.model, field).length > 0;
      const length = canBeMade ? chance.pick([0, 1, 1, 2, 2, 2, 3, 3]) : 0;
      return Array.from({ length }, (_none, index) =>
        this.#value(type.type, { chance, place: `${place}.${index}`, field }),
      );
    }
    if (this.#isComposite(field)) return this.#node({ chance, place, field });
    return this.#scalar(type.name.value, { chance, place, field });
  }

  #isComposite({ type }: FieldModel): boolean {
    const named = namedTypeOf(type);
    const { objects, interfaces, unions } = this.model;
    return [...objects, ...interfaces, ...unions].some(({ name }) => name === named);
  }

  #node({ chance, place, field }: Making): WorldNode | null {
    const type = chance.pickAny(possibleTypesOf(this.model, field));
    if (type === undefined) return null;
    const isEntity = this.model.objects.some(({ name, kind }) => name === type && kind === 'entity');
    return isEntity
      ? entity(type, chance.integer(0, entitiesPerType - 1))
      : { __typename: type, identity: place };
  }

  #scalar(type: string, { chance, place, field }: Making): unknown {
    const word = wordOf(place);
    if (type === 'Int') return chance.pick([0, -1, 2_147_483_647, hashOf(place) % 100_000]);
    if (type === 'Float') return chance.pick([0.5, -12.25, 1e21, 3, (hashOf(place) % 1000) / 8]);
    if (type === 'Boolean') return chance.happens(50);
    if (type === 'ID') return chance.happens(20) ? String(hashOf(place) % 1000) : `id~${word}`;
    if (type === 'String')
      return field.name !== 'code' && chance.happens(12) ? chance.pick(texts) : `${field.name}~${word}`;
    const values = this.model.enums.find(({ name }) => name === type)?.values ?? {};
    // Also of those that have it as external: they answer it where they provide it.
    const [first = [], ...others] = Object.keys(field.uses).map((subgraph) => values[subgraph] ?? []);
    const common = first.filter((value) => others.every((list) => list.includes(value)));
    return chance.pickAny(common) ?? null;
  }
}

interface Making {
  readonly chance: Chance;
  readonly place: string;
  readonly field: FieldModel;
}

const texts = ['', '"quoted" \\ and\nbroken', 'ünïcode 🚲 \u2028', '</script>'];

const entity = (type: string, index: number): WorldNode => ({
  __typename: type,
  identity: `${type}-${index}`,
});

/** JSON of which equal values have equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

const selections = new Map<string, SelectionSetNode>();

/** Reads a selection as keys and requirements have it. */
export function parseSelection(text: string): SelectionSetNode {
  const known = selections.get(text);
  if (known) return known;
  const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`Expected fields, but got ${text}`);
  selections.set(text, definition.selectionSet);
  return definition.selectionSet;
}

export const fieldsIn = ({ selections }: SelectionSetNode): readonly FieldNode[] =>
  selections.filter((selection): selection is FieldNode => selection.kind === Kind.FIELD);
