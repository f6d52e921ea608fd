import type { Chance } from '../chance.ts';
import type {
  ArgumentModel,
  FieldModel,
  InterfaceModel,
  KeyModel,
  ObjectModel,
  SupergraphModel,
  UnionModel,
} from './model.ts';

const scalars = ['String', 'String', 'Int', 'Float', 'Boolean', 'ID', 'En0', 'En1'];

/** A model that is being written, and what every step of writing needs. */
export class Draft {
  readonly chance: Chance;
  readonly model: SupergraphModel;
  #count = 0;

  constructor(chance: Chance, subgraphs: readonly string[]) {
    this.chance = chance;
    this.model = {
      subgraphs: [...subgraphs],
      objects: [],
      interfaces: [],
      unions: [],
      enums: [],
      inputs: [],
    };
  }

  get subgraphs(): readonly string[] {
    return this.model.subgraphs;
  }

  get entities(): readonly ObjectModel[] {
    return this.model.objects.filter(({ kind }) => kind === 'entity');
  }

  get values(): readonly ObjectModel[] {
    return this.model.objects.filter(({ kind }) => kind === 'value');
  }

  newName(prefix: string): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }

  addObject(kind: ObjectModel['kind'], name: string, subgraphs: readonly string[]): ObjectModel {
    const object: ObjectModel = {
      kind,
      name,
      subgraphs: Object.fromEntries(subgraphs.map((subgraph) => [subgraph, {}])),
      keys: [],
      fields: [],
    };
    this.model.objects.push(object);
    return object;
  }

  object(name: string): ObjectModel | undefined {
    return this.model.objects.find((object) => object.name === name);
  }

  subset<T>(list: readonly T[], min: number, max = list.length): T[] {
    const rest = [...list];
    const wanted = Math.min(list.length, this.chance.integer(min, Math.max(min, max)));
    return Array.from({ length: wanted }, () =>
      rest.splice(this.chance.integer(0, rest.length - 1), 1),
    ).flat();
  }

  /** The subgraphs in which an entity has fields of its own. */
  homesOf({ subgraphs }: ObjectModel): string[] {
    return this.subgraphs.filter((subgraph) => subgraphs[subgraph] && !subgraphs[subgraph].isStub);
  }

  scalar(): string {
    return this.chance.pick(scalars);
  }

  /** A type that fields of a subgraph may return, by name. */
  outputType(subgraph: string, percentOfScalars: number): string {
    const { interfaces, unions, objects } = this.model;
    const composites = [
      ...objects.filter(({ kind, subgraphs }) => kind === 'entity' && subgraphs[subgraph]),
      ...objects.filter(({ kind, subgraphs }) => kind === 'entity' && subgraphs[subgraph]),
      ...objects.filter(({ kind, subgraphs }) => kind === 'value' && subgraphs[subgraph]),
      ...[...interfaces, ...interfaces, ...interfaces, ...unions, ...unions].filter((type) =>
        this.isIn(type, subgraph),
      ),
    ];
    if (this.chance.happens(percentOfScalars)) return this.scalar();
    return this.chance.pickAny(composites)?.name ?? this.scalar();
  }

  isIn(type: InterfaceModel | UnionModel, subgraph: string): boolean {
    const isObject = 'object' in type && type.object?.subgraph === subgraph;
    return isObject || (type.members[subgraph]?.length ?? 0) > 0;
  }

  /** Whether a subgraph may have a field of a type. */
  knows(type: string, subgraph: string): boolean {
    const object = this.object(type);
    if (object) return object.subgraphs[subgraph] !== undefined;
    const abstract = [...this.model.interfaces, ...this.model.unions].find(({ name }) => name === type);
    return !abstract || this.isIn(abstract, subgraph);
  }

  /** Lists and non-null at random. */
  wrap(type: string): string {
    const item = this.chance.happens(35) ? `${type}!` : type;
    if (this.chance.happens(65)) return item;
    const list = this.chance.happens(12) ? `[[${item}]]` : `[${item}]`;
    return this.chance.happens(35) ? `${list}!` : list;
  }

  args(percent = 25): ArgumentModel[] {
    if (!this.chance.happens(percent)) return [];
    const possible: ArgumentModel[] = [
      { name: 'n', type: 'Int' },
      { name: 'n', type: 'Int', defaultValue: 3 },
      { name: 's', type: 'String' },
      { name: 'flag', type: 'Boolean', defaultValue: true },
      { name: 'e', type: 'En1' },
      { name: 'k', type: 'En2' },
      { name: 'input', type: 'In0' },
      { name: 'ids', type: '[ID!]' },
      { name: 'ratio', type: 'Float' },
    ];
    const chosen = this.subset(possible, 1, 2);
    return chosen.filter(({ name }, index) => chosen.findIndex((other) => other.name === name) === index);
  }

  addField(object: { fields: FieldModel[] }, field: Omit<FieldModel, 'args'> & { args?: ArgumentModel[] }) {
    const added: FieldModel = { args: [], ...field };
    object.fields.push(added);
    return added;
  }

  /** Makes an entity known to a subgraph by one of its keys, if it is not yet. */
  makeKnown(entity: ObjectModel, subgraph: string, key: KeyModel | undefined = entity.keys[0]): void {
    if (entity.subgraphs[subgraph] || !key) return;
    entity.subgraphs[subgraph] = { isStub: true };
    this.useKey(entity, key, subgraph, false);
  }

  /** Gives a subgraph a key and the fields that it consists of. */
  useKey(entity: ObjectModel, key: KeyModel, subgraph: string, isResolvable = true): void {
    key.uses[subgraph] = { isResolvable };
    for (const name of topLevelFields(key.fields)) {
      const field = entity.fields.find((candidate) => candidate.name === name);
      if (!field) throw new Error(`Expected ${entity.name} to have its key field ${name}, but it has not`);
      field.uses[subgraph] ??= {};
      const owner = this.object(field.type.replaceAll('!', ''));
      if (owner?.kind === 'entity') this.makeKnown(owner, subgraph);
    }
  }
}

/** @example topLevelFields('a owner { id }') // ['a', 'owner'] */
export const topLevelFields = (selection: string): string[] =>
  selection
    .replaceAll(/\{[^}]*\}/g, '')
    .split(/\s+/)
    .filter((name) => name !== '');
