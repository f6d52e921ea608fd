import type { FetchDataKeyRenamer, FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit, type FieldNode } from 'graphql';

import type { StandIn } from './separate-required-arguments.ts';

/**
 * Puts the fields back for which there are stand-ins in a fetch: they are asked for under the name of the stand-in,
 * read under it, and sent in representations under their own.
 *
 * @example
 * // {post{comments__r1{text}}} becomes {post{comments__r1:comments(limit:3){text}}}, and a representation with
 * // comments__r1 gets an input rewrite: ["... on Post", "comments__r1"] → comments
 */
export function restoreRequiredArguments(
  fetch: FetchNode,
  standIns: ReadonlyMap<string, StandIn>,
): FetchNode {
  const renames = (fetch.requires ?? []).flatMap((node) => renamesIn(node, standIns));
  const inputRewrites = [...renames, ...(fetch.inputRewrites ?? [])];
  return {
    ...fetch,
    operation: restoreOperation(fetch.operation, standIns),
    // Renames first: a rewrite of __typename would keep conditions on the type from matching.
    ...(inputRewrites.length > 0 && { inputRewrites }),
  };
}

function restoreOperation(operation: string, standIns: ReadonlyMap<string, StandIn>): string {
  // Parsing takes longer than looking: most fetches have no stand-in.
  if (![...standIns.keys()].some((name) => operation.includes(name))) return operation;
  const document = visit(parse(operation, { noLocation: true }), {
    Field: (node) => {
      const standIn = standIns.get(node.name.value);
      return standIn ? restoreField(node, standIn) : undefined;
    },
  });
  return stripIgnoredCharacters(print(document));
}

const restoreField = (node: FieldNode, { field, arguments: given }: StandIn): FieldNode => ({
  ...node,
  alias: node.alias ?? node.name,
  name: { kind: Kind.NAME, value: field },
  // It may have some already: arguments from a context are no part of the supergraph's field.
  arguments: [...given, ...(node.arguments ?? [])],
});

function renamesIn(
  node: QueryPlanSelectionNode,
  standIns: ReadonlyMap<string, StandIn>,
): FetchDataKeyRenamer[] {
  const standIn = node.kind === 'Field' ? standIns.get(node.name) : undefined;
  const step =
    node.kind === 'Field' ? [node.name] : node.typeCondition ? [`... on ${node.typeCondition}`] : [];
  const inner = (node.selections ?? [])
    .flatMap((child) => renamesIn(child, standIns))
    .map((rename) => ({ ...rename, path: [...step, ...rename.path] }));
  // From the inside out: behind a rename the old path leads nowhere.
  return standIn ? [...inner, { kind: 'KeyRenamer', path: step, renameKeyTo: standIn.field }] : inner;
}
