import { Kind, visit, type DocumentNode } from 'graphql';

/** An operation whose variables are none of those that plans have, and what they were called before. */
export interface FreedOperation {
  readonly document: DocumentNode;
  /** Values under the new names. */
  rename(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

// What fetches of entities and arguments from a context are given.
const taken = /^(?:representations\d*|contextualArgument_.*)$/;

/**
 * Renames a client's variables that would collide with those of plans.
 *
 * @example freeVariableNames(parse('query($representations: Int) { a(b: $representations) }'))
 * // query($client_representations: Int) { a(b: $client_representations) }
 */
export function freeVariableNames(document: DocumentNode): FreedOperation {
  const names = variableNames(document);
  const renamed = new Map<string, string>();
  for (const name of names) {
    if (taken.test(name)) renamed.set(name, freeName(name, new Set([...names, ...renamed.values()])));
  }
  if (renamed.size === 0) return { document, rename: (variables) => variables };
  return {
    document: visit(document, {
      Variable: (node) => {
        const value = renamed.get(node.name.value);
        return value === undefined ? undefined : { ...node, name: { kind: Kind.NAME, value } };
      },
    }),
    rename: (variables) =>
      Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [renamed.get(name) ?? name, value]),
      ),
  };
}

const variableNames = (document: DocumentNode): readonly string[] =>
  document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? (definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
      : [],
  );

function freeName(name: string, used: ReadonlySet<string>): string {
  let free = `client_${name}`;
  while (used.has(free)) free = `${free}_`;
  return free;
}
