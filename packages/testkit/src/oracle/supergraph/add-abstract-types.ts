import type { Draft } from './draft.ts';
import type { InterfaceModel, ObjectModel } from './model.ts';

/** Interfaces and unions over what there is, with other members in other subgraphs. */
export function addAbstractTypes(draft: Draft): void {
  const { chance } = draft;
  for (let count = chance.integer(1, 2); count > 0; count -= 1) addInterface(draft);
  for (let count = chance.integer(0, 2); count > 0; count -= 1) addUnion(draft);
  if (chance.happens(30)) addInterfaceObject(draft);
}

const objectsIn = (draft: Draft, subgraph: string): readonly ObjectModel[] =>
  [...draft.entities, ...draft.values].filter(({ subgraphs }) => subgraphs[subgraph]);

function addUnion(draft: Draft): void {
  const { chance, model } = draft;
  const homes = draft.subset(draft.subgraphs, 1, 2);
  const members = Object.fromEntries(
    homes.map((home) => [home, draft.subset(objectsIn(draft, home), 1, 3).map(({ name }) => name)]),
  );
  if (chance.happens(95)) model.unions.push({ name: draft.newName('U'), members });
}

function addInterface(draft: Draft): void {
  const { chance, model } = draft;
  const name = draft.newName('I');
  const type: InterfaceModel = { name, members: {}, fields: [] };
  const homes = draft.subset(draft.subgraphs, 1, 2);
  for (const home of homes) {
    const chosen = draft.subset(objectsIn(draft, home), 2, 3);
    if (chosen.length >= 2) type.members[home] = chosen.map((object) => object.name);
  }
  const inUse = homes.filter((home) => type.members[home]);
  if (inUse.length === 0) return;
  const members = [...new Set(inUse.flatMap((home) => type.members[home] ?? []))].flatMap(
    (member) => draft.object(member) ?? [],
  );
  const shared = members.every(({ fields }) => fields.some((field) => field.name === 'id'));
  const ownId = (home: string) =>
    (type.members[home] ?? []).every((member) =>
      draft.object(member)?.fields.some((field) => field.name === 'id' && field.uses[home]),
    );
  if (shared && inUse.every(ownId)) {
    type.fields.push({ name: 'id', uses: Object.fromEntries(inUse.map((home) => [home, true])) });
  }
  for (let count = chance.integer(1, 2); count > 0; count -= 1)
    addInterfaceField(draft, type, inUse, members);
  model.interfaces.push(type);
}

/** A field of all members; where a subgraph has a member that another one answers for, it is external there. */
function addInterfaceField(
  draft: Draft,
  type: InterfaceModel,
  homes: readonly string[],
  members: readonly ObjectModel[],
): void {
  const { chance } = draft;
  const shape = {
    name: draft.newName('i'),
    type: draft.wrap(chance.happens(70) ? draft.scalar() : 'V0'),
    args: draft.args(20),
  };
  type.fields.push({ name: shape.name, uses: Object.fromEntries(homes.map((home) => [home, true])) });
  for (const member of members) {
    const field = draft.addField(member, { ...shape, uses: {} });
    const needed = homes.filter((home) => type.members[home]?.includes(member.name));
    const places = member.kind === 'value' ? Object.keys(member.subgraphs) : needed;
    for (const place of places) {
      field.uses[place] = places.length > 1 || member.kind === 'value' ? { isShareable: true } : {};
    }
    const elsewhere = draft.homesOf(member).filter((home) => !needed.includes(home));
    const [only] = needed;
    const [owner] = elsewhere;
    if (member.kind === 'entity' && only && owner && needed.length === 1 && chance.happens(35)) {
      field.uses = { [owner]: {}, [only]: { isExternal: true } };
    }
  }
}

/** An interface with a key, to which a subgraph without its members adds fields. */
function addInterfaceObject(draft: Draft): void {
  const { chance, model } = draft;
  const candidates = draft.subgraphs.map((home) => ({
    home,
    members: draft.entities.filter(
      ({ keys, subgraphs }) =>
        subgraphs[home] && keys.some(({ fields, uses }) => fields === 'id' && uses[home]?.isResolvable),
    ),
  }));
  const place = chance.pickAny(candidates.filter(({ members }) => members.length > 0));
  if (!place) return;
  const members = draft.subset(place.members, 1, 3);
  const free = draft.subgraphs.filter((name) => members.every(({ subgraphs }) => !subgraphs[name]));
  const subgraph = chance.pickAny(free) ?? addSubgraph(draft);
  if (subgraph === undefined) return;
  const fields = [
    {
      name: draft.newName('o'),
      type: draft.wrap(draft.scalar()),
      args: draft.args(),
      uses: { [subgraph]: {} },
    },
    { name: draft.newName('o'), type: draft.wrap('V0'), args: [], uses: { [subgraph]: {} } },
  ];
  model.interfaces.push({
    name: draft.newName('I'),
    members: { [place.home]: members.map(({ name }) => name) },
    fields: [{ name: 'id', uses: { [place.home]: true } }],
    object: { key: 'id', subgraph, fields: draft.subset(fields, 1) },
  });
}

/** One more subgraph, with what every subgraph has. */
function addSubgraph(draft: Draft): string | undefined {
  const { model } = draft;
  if (model.subgraphs.length >= 5) return undefined;
  const [first = ''] = model.subgraphs;
  const added = String.fromCharCode(first.charCodeAt(0) + model.subgraphs.length);
  for (const type of model.enums) type.values[added] = [...(type.values[first] ?? [])];
  for (const value of draft.values) {
    if (value.name !== 'V0') continue;
    value.subgraphs[added] = {};
    for (const field of value.fields) if (field.uses[first]) field.uses[added] = { ...field.uses[first] };
  }
  model.subgraphs.push(added);
  return added;
}
