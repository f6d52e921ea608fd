import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

import { maxSettings } from './answer/compile-answer.ts';
import type { NormalizedOperation } from './answer/normalize-operation.ts';

// Measured as the difference of the heap over hundreds of operations that had run several times, so that the code which
// the runtime makes of them is in it: 22 kB with 3 fields and a plan of 200 characters, 69 kB with 15 and 1,800, 203 kB
// with 55 and 8,300. Half of it are closures and shapes, the other half is code.
const bytesPerOperation = 8000;
const bytesPerField = 3000;
const bytesPerPlanCharacter = 12;

/** Roughly what a program takes of memory, by the length of its plan as JSON. */
export const bytesOfProgram = (planLength: number): number => planLength * bytesPerPlanCharacter;

/** Roughly what a compiled operation takes of memory, besides its program. */
export function bytesOfWriter({ document, operation }: NormalizedOperation): number {
  // Each setting of the conditions has a writer of its own.
  const settings = Math.min(2 ** operation.conditionVariables.length, maxSettings);
  return bytesPerOperation + (document ? countFields(document) : 0) * bytesPerField * settings;
}

/** With each fragment counted as often as it is used, since the writer has a place for each. */
function countFields({ definitions }: DocumentNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const count = known.get(name) ?? ofSelections(fragments.get(name)?.selectionSet);
    known.set(name, count);
    return count;
  };
  const ofSelections = (selectionSet: SelectionSetNode | undefined): number => {
    let count = 0;
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) count += ofFragment(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += ofSelections(selection.selectionSet);
      else count += 1 + ofSelections(selection.selectionSet);
    }
    return count;
  };
  return definitions.reduce(
    (total, definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? total + ofSelections(definition.selectionSet) : total,
    0,
  );
}
