import { directivesByCoordinate, argumentOf, readLinks } from '@tributary/directives';
import { Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql';

import { comesFromInterfaceObject } from './own-requirements.ts';
import { fieldsOf, type SelectedField } from './selected-fields.ts';
import type { FieldFacts, FieldJoin, TypeGraph } from './type-graph.ts';

/** The fields of object types that the gateway reads so that a subgraph can answer a field. */
export type FieldDependencies = (type: string, field: string) => readonly { type: string; field: string }[];

/**
 * Finds what a field is computed from (`@requires`, `@fromContext`), and the keys without which it cannot be had. Who
 * may not see one of those must not see the field either: it would tell them.
 */
export function createFieldDependencies(supergraph: DocumentNode, types: TypeGraph): FieldDependencies {
  const contexts = readContexts(supergraph);
  const keys = createKeyFields(types);

  const selectedBy = (join: FieldJoin, type: string): readonly SelectedField[] => [
    ...(join.requires === undefined ? [] : readFieldSet(join.requires, type, types)),
    ...join.fromContexts.flatMap(({ context, selection }) =>
      (contexts.get(context) ?? []).flatMap((source) => readFieldSet(selection, source, types)),
    ),
  ];

  return (type, field) => {
    const joins = joinsOf(type, field, types);
    const selected = [...joins.flatMap((join) => selectedBy(join, type)), ...keys(type, field)];
    return selected.flatMap(({ parent, name }) => onObjects(parent, name, types));
  };
}

/** What subgraphs say about a field of an object: at the object, and at the interface objects that bring it. */
function joinsOf(type: string, field: string, types: TypeGraph): readonly FieldJoin[] {
  const brought = types
    .interfacesOf(type)
    .filter((parent) => comesFromInterfaceObject(types, parent, field))
    .flatMap((parent) => types.field(parent, field)?.joins ?? []);
  return [...(types.field(type, field)?.joins ?? []), ...brought];
}

function onObjects(parent: string | undefined, name: string, types: TypeGraph) {
  if (parent === undefined) throw new Error(`Expected to know the type that "${name}" is selected on`);
  if (name.startsWith('__')) return [];
  return types
    .possibleTypes(parent)
    .flatMap((type) => (types.field(type, name) ? [{ type, field: name }] : []));
}

const readFieldSet = (text: string, type: string, types: TypeGraph): readonly SelectedField[] => [
  ...fieldsOf(parseFieldSet(text), type, types),
];

/** Field sets come with braces and without. */
function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(/^\s*\{/.test(text) ? text : `{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind === Kind.OPERATION_DEFINITION) return definition.selectionSet;
  throw new Error(`Expected a set of fields, but got ${text}`);
}

/** The types that set a context, by its name. */
function readContexts(supergraph: DocumentNode): ReadonlyMap<string, readonly string[]> {
  const link = readLinks(supergraph).find(({ identity }) => identity === 'https://specs.apollo.dev/context');
  const contexts = new Map<string, string[]>();
  if (!link) return contexts;
  for (const [type, applications] of directivesByCoordinate(supergraph, link.nameOf('context'))) {
    for (const application of applications) {
      const name = String(argumentOf(application, 'name'));
      contexts.set(name, [...(contexts.get(name) ?? []), type]);
    }
  }
  return contexts;
}

/**
 * The key fields without which a field cannot be had: those of subgraphs that have no other way to its object. Where a
 * subgraph has several keys, all of them count.
 */
function createKeyFields(types: TypeGraph) {
  const reached = readReachedTypes(types);
  return (type: string, field: string): readonly SelectedField[] => {
    const graphs = graphsOf(type, types.field(type, field), types);
    const keys = graphs.map((graph) =>
      types
        .joinsOf(type)
        .flatMap((join) =>
          join.graph === graph && join.isResolvable && join.key !== undefined ? [join.key] : [],
        ),
    );
    const needsKey = graphs.every(
      (graph, index) => !reached.get(graph)?.has(type) && keys[index]?.length !== 0,
    );
    return needsKey ? keys.flat().flatMap((key) => readFieldSet(key, type, types)) : [];
  };
}

/** The objects that each subgraph gives by a field of its own. */
function readReachedTypes(types: TypeGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const returned = new Map<string, Set<string>>();
  for (const type of types.composites()) {
    for (const field of types.fieldsOf(type)) {
      for (const graph of graphsOf(type, field, types)) {
        returned.set(graph, (returned.get(graph) ?? new Set()).add(field.returns));
      }
    }
  }
  const objectsOf = (names: ReadonlySet<string>) =>
    new Set([...names].flatMap((name) => types.possibleTypes(name)));
  return new Map([...returned].map(([graph, names]) => [graph, objectsOf(names)]));
}

/** The subgraphs that resolve a field. */
function graphsOf(type: string, field: FieldFacts | undefined, types: TypeGraph): readonly string[] {
  const joins = field?.joins ?? [];
  if (joins.length === 0) return types.joinsOf(type).map(({ graph }) => graph);
  return joins.flatMap(({ graph, isExternal }) => (graph === undefined || isExternal ? [] : [graph]));
}
