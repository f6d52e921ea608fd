import type { LintRule } from '../linted-schema.ts';

/** Other words for create, update and delete. Words of the domain, such as `publishPost` or `signIn`, are welcome. */
const verbs: Readonly<Record<string, string>> = {
  new: 'create',
  make: 'create',
  insert: 'create',
  save: 'create',
  modify: 'update',
  change: 'update',
  patch: 'update',
  alter: 'update',
  set: 'update',
  remove: 'delete',
  destroy: 'delete',
  drop: 'delete',
  erase: 'delete',
};
const nounFirst = /^([a-z][A-Za-z0-9]*?)(Create|Update|Delete)$/;

/** One word for each kind of change, verb first: `createX`, `updateX`, `deleteX`. */
export const mutationVerbs: LintRule = {
  name: 'mutation-verbs',
  severity: 'warning',
  *check(schema) {
    const mutation = schema.root('mutation');
    for (const field of mutation?.fields ?? []) {
      const expected = betterName(field.name.value);
      if (!mutation || expected === undefined) continue;
      yield {
        node: field,
        coordinate: `${mutation.name}.${field.name.value}`,
        message: `Expected ${expected}, but got ${field.name.value}`,
      };
    }
  },
};

function betterName(name: string): string | undefined {
  const [, noun, action] = nounFirst.exec(name) ?? [];
  if (noun && action) return action.toLowerCase() + noun[0]?.toUpperCase() + noun.slice(1);
  const [, verb = '', rest = ''] = /^([a-z]+)([A-Z].*)$/.exec(name) ?? [];
  const better = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  return better && better + rest;
}
