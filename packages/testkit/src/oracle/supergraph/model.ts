/** What a generated supergraph is made of: plain data, so that parts can be taken away to make a case smaller. */
export interface SupergraphModel {
  /** Names of subgraphs, in the order of composition. */
  subgraphs: string[];
  /** Objects, `Query` and `Mutation` among them. */
  objects: ObjectModel[];
  interfaces: InterfaceModel[];
  unions: UnionModel[];
  enums: EnumModel[];
  inputs: InputModel[];
}

/** By the name of a subgraph. */
export type PerSubgraph<T> = Partial<Record<string, T>>;

export interface ObjectModel {
  readonly name: string;
  readonly kind: 'root' | 'entity' | 'value';
  /** The subgraphs that know the type. A stub has keys and nothing else. */
  subgraphs: PerSubgraph<{ isStub?: boolean }>;
  keys: KeyModel[];
  fields: FieldModel[];
}

export interface KeyModel {
  /** As in `@key(fields:)`. */
  readonly fields: string;
  uses: PerSubgraph<{ isResolvable: boolean }>;
}

export interface FieldModel {
  readonly name: string;
  /** As in SDL, for example `[E0!]!`. */
  readonly type: string;
  args: ArgumentModel[];
  uses: PerSubgraph<FieldUse>;
}

export interface ArgumentModel {
  readonly name: string;
  readonly type: string;
  readonly defaultValue?: string | number | boolean;
  /** Some of several subgraphs, so that composition leaves the argument out. @default all */
  readonly only?: readonly string[];
}

/** A field in one subgraph. */
export interface FieldUse {
  isExternal?: boolean;
  isShareable?: boolean;
  isInaccessible?: boolean;
  requires?: string;
  provides?: string;
  override?: { from: string; label?: string };
}

export interface InterfaceModel {
  readonly name: string;
  /** Implementing types by the subgraphs that define the interface. */
  members: PerSubgraph<string[]>;
  /** In which subgraphs the interface itself has which fields of its members. */
  fields: { name: string; uses: PerSubgraph<true> }[];
  /** The key of an interface that is an entity, and the subgraph that has it as `@interfaceObject`. */
  object?: { key: string; subgraph: string; fields: FieldModel[] };
}

export interface UnionModel {
  readonly name: string;
  members: PerSubgraph<string[]>;
}

export interface EnumModel {
  readonly name: string;
  values: PerSubgraph<string[]>;
  /** A value that clients never see. */
  hidden?: string;
}

export interface InputModel {
  readonly name: string;
  fields: ArgumentModel[];
}

/** The name inside a type: `E0` of `[E0!]!`. */
export const namedTypeOf = (type: string): string => type.replaceAll(/[[\]!]/g, '');

/** The subgraphs that answer a field, for some labels at least. */
export const resolversOf = ({ uses }: FieldModel): string[] =>
  Object.entries(uses).flatMap(([name, use]) =>
    use && !use.isExternal && !isMoved(uses, name) ? [name] : [],
  );

const isMoved = (uses: FieldModel['uses'], from: string): boolean =>
  Object.values(uses).some((use) => use?.override?.from === from && use.override.label === undefined);

/** Whether no plan may ask a subgraph for a field, since another one has it for requests with these labels. */
export function isAnsweredElsewhere(
  { uses }: FieldModel,
  subgraph: string,
  labels: readonly string[],
): boolean {
  const isOn = (label: string | undefined) => label === undefined || labels.includes(label);
  const own = uses[subgraph]?.override;
  const isTaken = Object.values(uses).some(
    (use) => use?.override?.from === subgraph && isOn(use.override.label),
  );
  return isTaken || (own !== undefined && !isOn(own.label));
}

/** The types that a type in one subgraph may stand for; itself for an object. */
function possibleTypesIn(model: SupergraphModel, type: string, subgraph: string): readonly string[] {
  const found = model.interfaces.find(({ name }) => name === type);
  if (found?.object?.subgraph === subgraph)
    return Object.values(found.members).flatMap((names = []) => names);
  const union = model.unions.find(({ name }) => name === type);
  return (found ?? union)?.members[subgraph] ?? (found || union ? [] : [type]);
}

/** The types that an answer may have, whichever subgraph gives it. */
export function possibleTypesOf(model: SupergraphModel, field: FieldModel): readonly string[] {
  const [first = [], ...others] = resolversOf(field).map((subgraph) =>
    possibleTypesIn(model, namedTypeOf(field.type), subgraph),
  );
  return first.filter((type) => others.every((types) => types.includes(type)));
}

/** The field of a type, also one that the type has by an interface object. */
export function findField(model: SupergraphModel, type: string, name: string): FieldModel | undefined {
  const own = model.objects.find((object) => object.name === type)?.fields;
  const inherited = model.interfaces
    .filter(({ members }) => Object.values(members).some((names) => names?.includes(type)))
    .flatMap(({ object }) => object?.fields ?? []);
  return [...(own ?? []), ...inherited].find((field) => field.name === name);
}

export const isAbstract = (model: SupergraphModel, type: string): boolean =>
  [...model.interfaces, ...model.unions].some(({ name }) => name === type);
