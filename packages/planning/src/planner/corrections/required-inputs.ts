import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, type SelectionNode } from 'graphql';

import { parseFieldSet } from './field-set.ts';
import type { StandIn } from './separate-required-arguments.ts';
import { joinsOf, textArgument, type SupergraphTypes } from './supergraph-types.ts';

/**
 * Where values of a representation come from: the place where a value is sent, and the keys that are read for it.
 *
 * @example Map { '.comments' => Set { 'comments__r1' }, '.comments.text' => Set { 'text' } }
 */
export type InputSources = Map<string, Set<string>>;

/** The sources of all that a fetch's representations hold, or a part of them. */
export function inputSources(
  nodes: readonly (QueryPlanSelectionNode | SelectionNode)[],
  standIns: ReadonlyMap<string, StandIn>,
): InputSources {
  const sources: InputSources = new Map();
  collect(nodes, '', standIns, sources);
  return sources;
}

function collect(
  nodes: readonly (QueryPlanSelectionNode | SelectionNode)[],
  parent: string,
  standIns: ReadonlyMap<string, StandIn>,
  sources: InputSources,
): void {
  for (const node of nodes) {
    if (node.kind === Kind.FRAGMENT_SPREAD) continue;
    const place = node.kind === 'Field' ? placeOf(parent, nameOf(node), standIns) : parent;
    if (node.kind === 'Field') sources.set(place, (sources.get(place) ?? new Set()).add(nameOf(node)));
    collect(childrenOf(node), place, standIns, sources);
  }
}

/** Where a field is sent, whatever it is read as. */
export const placeOf = (parent: string, name: string, standIns: ReadonlyMap<string, StandIn>): string =>
  `${parent}.${standIns.get(name)?.field ?? name}`;

const nameOf = ({ name }: { readonly name: string | { readonly value: string } }): string =>
  typeof name === 'string' ? name : name.value;

const childrenOf = (
  node: Exclude<QueryPlanSelectionNode | SelectionNode, { kind: Kind.FRAGMENT_SPREAD }>,
): readonly (QueryPlanSelectionNode | SelectionNode)[] =>
  'selections' in node
    ? (node.selections ?? [])
    : 'selectionSet' in node
      ? (node.selectionSet?.selections ?? [])
      : [];

/** What a field of a type requires. */
export interface RequiredFieldSet {
  readonly typeName: string;
  readonly selections: readonly SelectionNode[];
}

/** What each field of a subgraph requires to be sent along. */
export class Requirements {
  readonly #types: SupergraphTypes;
  readonly #standIns: ReadonlyMap<string, StandIn>;

  constructor(types: SupergraphTypes, standIns: ReadonlyMap<string, StandIn>) {
    this.#types = types;
    this.#standIns = standIns;
  }

  of(subgraph: string, typeNames: readonly string[], fieldName: string): InputSources {
    const fieldSets = this.fieldSets(subgraph, typeNames, fieldName);
    return inputSources(
      fieldSets.flatMap(({ selections }) => selections),
      this.#standIns,
    );
  }

  /** Of all types that a fragment may be about: a field of an interface may be computed by its implementations. */
  fieldSets(subgraph: string, typeNames: readonly string[], fieldName: string): RequiredFieldSet[] {
    const graph = this.#types.graphs.get(subgraph);
    return typeNames
      .flatMap((typeName) => this.#types.withImplementations(typeName))
      .flatMap((typeName) => {
        const field = this.#types.field(typeName, fieldName);
        return (field ? joinsOf(field) : [])
          .filter((join) => textArgument(join, 'graph') === graph)
          .flatMap((join) => textArgument(join, 'requires') ?? [])
          .map((text) => ({ typeName, selections: parseFieldSet(text).selections }));
      });
  }

  /** What the keys of types are made of, which every representation needs. */
  keysOf(subgraph: string, typeNames: readonly string[]): ReadonlySet<string> {
    const graph = this.#types.graphs.get(subgraph);
    const fieldSets = typeNames
      .flatMap((typeName) => this.#types.withImplementations(typeName))
      .flatMap((typeName) => this.#types.directives(typeName))
      .filter((join) => join.name.value === 'join__type' && textArgument(join, 'graph') === graph)
      .flatMap((join) => textArgument(join, 'key') ?? []);
    const nodes = fieldSets.flatMap((text) => parseFieldSet(text).selections);
    return new Set(inputSources(nodes, this.#standIns).keys());
  }
}
