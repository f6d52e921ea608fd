import type { Draft } from './draft.ts';
import type { KeyModel, ObjectModel } from './model.ts';

/** Enums and inputs, which every subgraph has in a version of its own. */
export function addInputsAndEnums(draft: Draft): void {
  const { chance, model, subgraphs } = draft;
  const letters = ['A', 'B', 'C', 'D'];
  // Only answered, so that the supergraph has all values of all subgraphs.
  const answered = subgraphs.map((name) => [name, ['A', 'B', ...(chance.happens(50) ? ['C', 'D'] : [])]]);
  model.enums.push({
    name: 'En0',
    values: Object.fromEntries(answered) as Record<string, string[]>,
    ...(chance.happens(12) && { hidden: 'B' }),
  });
  // Answered and asked for, so that all have the same.
  model.enums.push({ name: 'En1', values: Object.fromEntries(subgraphs.map((name) => [name, letters])) });
  // Only asked for, so that the supergraph has what all have.
  const asked = subgraphs.map((name) => [name, ['X', 'Y', ...(chance.happens(50) ? [`OF_${name}`] : [])]]);
  model.enums.push({ name: 'En2', values: Object.fromEntries(asked) as Record<string, string[]> });
  model.inputs.push({
    name: 'In0',
    fields: [
      { name: 'a', type: 'Int' },
      { name: 'b', type: 'String', defaultValue: 'd' },
      { name: 'e', type: 'En1' },
      { name: 'list', type: '[Int!]' },
      { name: 'inner', type: 'In0' },
      ...subgraphs
        .filter(() => chance.happens(30))
        .map((name) => ({ name: `of_${name}`, type: 'String', only: [name] })),
    ],
  });
}

/** Types without a key: each subgraph that has one answers all of it. */
export function addValueTypes(draft: Draft): void {
  const { chance, subgraphs } = draft;
  for (let index = 0; index <= chance.integer(0, 2); index += 1) {
    const homes = index === 0 ? subgraphs : draft.subset(subgraphs, 1);
    const value = draft.addObject('value', `V${index}`, homes);
    const uses = () => Object.fromEntries(homes.map((name) => [name, { isShareable: true }]));
    draft.addField(value, { name: 'code', type: 'String!', uses: uses() });
    for (let count = chance.integer(1, 2); count > 0; count -= 1) {
      const name = draft.newName('v');
      draft.addField(value, { name, type: draft.wrap(draft.scalar()), args: draft.args(12), uses: uses() });
    }
    if (index > 0 && chance.happens(60)) {
      draft.addField(value, { name: draft.newName('v'), type: draft.wrap('V0'), uses: uses() });
    }
  }
}

/** Types with keys, each in some of the subgraphs. */
export function addEntities(draft: Draft): void {
  const { chance, subgraphs } = draft;
  const count = chance.integer(2, 4);
  for (let index = 0; index < count; index += 1) {
    const homes = draft.subset(subgraphs, chance.happens(85) ? 2 : 1, 4);
    addKeys(draft, draft.addObject('entity', `E${index}`, homes), homes);
  }
}

type KeyStyle = 'simple' | 'compound' | 'nested' | 'several' | 'chain' | 'by owner';

const styles: readonly KeyStyle[] = [
  'simple',
  'simple',
  'compound',
  'nested',
  'several',
  'chain',
  'by owner',
];

function addKeys(draft: Draft, entity: ObjectModel, homes: readonly string[]): void {
  const { chance } = draft;
  const style = chance.pick(styles);
  const add = (fields: string, types: Readonly<Record<string, string>>): KeyModel => {
    for (const [name, type] of Object.entries(types)) {
      if (!entity.fields.some((field) => field.name === name))
        draft.addField(entity, { name, type, uses: {} });
    }
    const key: KeyModel = { fields, uses: {} };
    entity.keys.push(key);
    return key;
  };
  const everywhere = (key: KeyModel) => {
    for (const home of homes) draft.useKey(entity, key, home);
  };
  const simple = () => add('id', { id: 'ID!' });
  if (style === 'compound') {
    everywhere(add(chance.pick(['k1 k2', 'k2 k1']), { k1: 'String!', k2: 'Int!' }));
  } else if (style === 'nested') {
    const more = chance.happens(40);
    everywhere(add(more ? 'ref { code } k2' : 'ref { code }', { ref: 'V0!', ...(more && { k2: 'Int!' }) }));
  } else if (style === 'by owner' && draft.object('E0')?.keys[0]?.fields === 'id' && entity.name !== 'E0') {
    everywhere(add('owner { id } k1', { owner: 'E0!', k1: 'String!' }));
  } else if (style === 'several') {
    addSecondKey(draft, entity, [simple(), add('k1', { k1: 'String!' })], homes);
  } else if (style === 'chain' && homes.length > 2) {
    const [id, other] = [simple(), add('k1 k2', { k1: 'String!', k2: 'Int!' })];
    const middle = chance.integer(0, homes.length - 1);
    homes.forEach((home, index) => {
      if (index <= middle) draft.useKey(entity, id, home);
      if (index >= middle) draft.useKey(entity, other, home);
    });
  } else everywhere(simple());
}

/** All have one key; some have another as well, of which one of the two may be refused. */
function addSecondKey(
  draft: Draft,
  entity: ObjectModel,
  [first, second]: readonly [KeyModel, KeyModel],
  homes: readonly string[],
): void {
  const { chance } = draft;
  const withSecond = draft.subset(homes, 2);
  for (const home of homes) {
    const isRefused = withSecond.length === homes.length && chance.happens(25);
    draft.useKey(entity, first, home, !isRefused);
    if (withSecond.includes(home)) draft.useKey(entity, second, home);
  }
}
