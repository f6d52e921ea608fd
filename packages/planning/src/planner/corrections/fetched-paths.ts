import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import {
  Kind,
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { joinPath, placedFetches } from './placed-fetches.ts';

/** Places of an answer, whatever the type of the object there, each with the name of the field that it is of. */
export type FieldPaths = ReadonlyMap<string, string>;

/**
 * All places that a plan fetches something for.
 *
 * @example Map { 'post' => 'post', 'post.author' => 'author', 'post.author.name__1' => 'name' }
 */
export function fetchedPaths(plan: QueryPlan): FieldPaths {
  const paths = new Map<string, string>();
  for (const { fetch, path } of placedFetches(plan)) addFetch(fetch, path, paths);
  return paths;
}

/** All places that an operation asks for. */
export function askedPaths(document: DocumentNode): FieldPaths {
  const paths = new Map<string, string>();
  new PathCollector(document, paths).add(operationOf(document)?.selectionSet, '');
  return paths;
}

function addFetch(fetch: FetchNode, parent: string, paths: Map<string, string>): void {
  const document = parse(fetch.operation, { noLocation: true });
  const root = operationOf(document)?.selectionSet;
  const [entities] = root?.selections ?? [];
  const start = fetch.requires && entities?.kind === Kind.FIELD ? entities.selectionSet : root;
  new PathCollector(document, paths).add(start, parent);
}

const operationOf = ({ definitions }: DocumentNode): OperationDefinitionNode | undefined =>
  definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);

class PathCollector {
  readonly #paths: Map<string, string>;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Once for each place: fragments within fragments would otherwise be looked through without end. */
  readonly #seen = new Set<string>();

  constructor({ definitions }: DocumentNode, paths: Map<string, string>) {
    this.#paths = paths;
    const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  add(selectionSet: SelectionSetNode | undefined, parent: string): void {
    for (const node of selectionSet?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) this.#addFragment(node.name.value, parent);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.add(node.selectionSet, parent);
      else {
        // The planner's own aliases, for fields of several types that one fetch has in one place.
        const path = joinPath(parent, (node.alias ?? node.name).value.replace(/__alias_\d+$/, ''));
        this.#paths.set(path, node.name.value);
        this.add(node.selectionSet, path);
      }
    }
  }

  #addFragment(name: string, parent: string): void {
    const place = `${name} at ${parent}`;
    if (this.#seen.has(place)) return;
    this.#seen.add(place);
    this.add(this.#fragments.get(name)?.selectionSet, parent);
  }
}
