import type { Draft } from './draft.ts';
import { isAbstract, namedTypeOf, possibleTypesOf, type FieldModel, type ObjectModel } from './model.ts';

/** What entities answer, some of it in several subgraphs. */
export function addFields(draft: Draft): void {
  const { chance } = draft;
  for (const entity of draft.entities) {
    for (const home of draft.homesOf(entity)) {
      for (let count = chance.integer(1, 3); count > 0; count -= 1) addField(draft, entity, home, 'f');
    }
  }
}

/** Where operations begin. */
export function addRoots(draft: Draft): void {
  const { chance, subgraphs } = draft;
  const query = draft.addObject('root', 'Query', subgraphs);
  for (const home of subgraphs) {
    for (let count = chance.integer(1, 3); count > 0; count -= 1) addField(draft, query, home, 'q');
  }
  const entry = chance.pickAny(draft.entities.filter(({ subgraphs: homes }) => homes[subgraphs[0] ?? '']));
  if (entry) {
    draft.addField(query, {
      name: draft.newName('q'),
      type: `[${entry.name}!]!`,
      uses: { [String(subgraphs[0])]: {} },
    });
  }
  if (!chance.happens(45)) return;
  const homes = draft.subset(subgraphs, 1, 3);
  const mutation = draft.addObject('root', 'Mutation', homes);
  for (const home of homes) {
    addField(draft, mutation, home, 'm');
    draft.addField(mutation, {
      name: draft.newName('count'),
      type: chance.pick(['Int', 'Int!']),
      args: draft.args(),
      uses: { [home]: {} },
    });
  }
}

function addField(draft: Draft, object: ObjectModel, home: string, prefix: string): void {
  const { chance } = draft;
  const named = draft.outputType(home, object.kind === 'root' ? 8 : 40);
  const field = draft.addField(object, {
    name: draft.newName(prefix),
    type: draft.wrap(named),
    args: draft.args(),
    uses: { [home]: {} },
  });
  const others = draft.homesOf(object).filter((other) => other !== home && draft.knows(named, other));
  const other = object.name !== 'Mutation' && chance.happens(18) ? chance.pickAny(others) : undefined;
  if (other !== undefined) share(draft, field, home, other);
}

function share(draft: Draft, field: FieldModel, home: string, other: string): void {
  const before = field.uses;
  field.uses = { [home]: { isShareable: true }, [other]: { isShareable: true } };
  const hasNone = possibleTypesOf(draft.model, field).length === 0;
  if (isAbstract(draft.model, namedTypeOf(field.type)) && hasNone) field.uses = before;
  else if (draft.chance.happens(20)) field.args.push({ name: `of_${other}`, type: 'Int', only: [other] });
}
