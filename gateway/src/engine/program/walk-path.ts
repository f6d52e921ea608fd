import { isDataObject, readKey, type DataObject } from './data-tree.ts';
import { isInherited } from './inherited.ts';

/** Finds the objects at a path of the tree, in order, each as often as it stands there. */
export type Walk = (root: DataObject) => DataObject[];

/** One element of a path: into a key, or on to the items of a list; `types` lets only objects of these pass. */
interface PathStep {
  readonly key: string | undefined;
  readonly types: ReadonlySet<string> | undefined;
}

/**
 * Compiles a path of a query plan.
 *
 * @example compileWalk(['posts', '@', 'author'])({ posts: [{ author: { id: '1' } }, null] }) // [{ id: '1' }]
 */
export function compileWalk(path: readonly (string | number)[]): Walk {
  const steps = path.map(readStep).filter(({ key, types }) => key !== undefined || types !== undefined);
  if (steps.every(({ key, types }) => key !== undefined && types === undefined && !isInherited(key))) {
    return generateWalk(steps.map(({ key }) => key ?? ''));
  }
  return (root) => {
    const found: DataObject[] = [];
    visit(root, steps, 0, found);
    return found;
  };
}

/**
 * Generates nested loops for a path of plain keys. Lists are gone through wherever they stand; lists of lists, which
 * are rare, by calling the loop again.
 */
function generateWalk(keys: readonly string[]): Walk {
  const visits = keys.map(
    (key, depth) => `function visit${depth}(value) {
      if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index += 1) visit${depth}(value[index]);
      } else if (typeof value === 'object' && value !== null) visit${depth + 1}(value[${JSON.stringify(key)}]);
    }`,
  );
  const code = `'use strict';
    let found;
    ${visits.join('\n')}
    function visit${keys.length}(value) {
      if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index += 1) visit${keys.length}(value[index]);
      } else if (typeof value === 'object' && value !== null) found.push(value);
    }
    return (root) => {
      const objects = found = [];
      visit0(root);
      found = undefined;
      return objects;
    };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- keys are names, and stand in the code as JSON strings
  return (new Function(code) as () => Walk)();
}

/** @example readStep('media|[Book,Film]') // { key: 'media', types: Set { 'Book', 'Film' } } */
function readStep(element: string | number): PathStep {
  const [name = '', types] = String(element).split('|');
  return {
    // Items are visited wherever there is a list, so that `@` need not be a step of its own.
    key: name === '' || name === '@' ? undefined : name,
    types: types === undefined ? undefined : new Set(types.slice(1, -1).split(',')),
  };
}

function visit(value: unknown, steps: readonly PathStep[], at: number, found: DataObject[]): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, steps, at, found);
    return;
  }
  if (!isDataObject(value)) return;
  const step = steps[at];
  if (!step) {
    found.push(value);
    return;
  }
  const next = step.key === undefined ? value : readKey(value, step.key);
  if (step.types) visitTyped(next, { steps, at, types: step.types }, found);
  else visit(next, steps, at + 1, found);
}

function visitTyped(
  value: unknown,
  within: { readonly steps: readonly PathStep[]; readonly at: number; readonly types: ReadonlySet<string> },
  found: DataObject[],
): void {
  if (Array.isArray(value)) {
    for (const item of value) visitTyped(item, within, found);
    return;
  }
  if (isDataObject(value) && within.types.has(value['__typename'] as string)) {
    visit(value, within.steps, within.at + 1, found);
  }
}
