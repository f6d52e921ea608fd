import { addAbstractTypes } from './add-abstract-types.ts';
import { addOverrides, addProvides, addRequires, hideFields } from './add-directives.ts';
import { addFields, addRoots } from './add-fields.ts';
import { addEntities, addInputsAndEnums, addValueTypes } from './add-types.ts';
import { Draft } from './draft.ts';
import type { SupergraphModel } from './model.ts';
import { seededChance } from './seeded-chance.ts';

/** The model of a supergraph of 2 to 5 subgraphs, the same for the same seed. Composition may yet refuse it. */
export function generateModel(seed: string): SupergraphModel {
  const chance = seededChance(seed);
  const draft = new Draft(chance, ['a', 'b', 'c', 'd', 'e'].slice(0, chance.pick([2, 3, 3, 4, 5])));
  addInputsAndEnums(draft);
  addValueTypes(draft);
  addEntities(draft);
  addAbstractTypes(draft);
  addFields(draft);
  addRoots(draft);
  addRequires(draft);
  addProvides(draft);
  addOverrides(draft);
  hideFields(draft);
  return draft.model;
}
