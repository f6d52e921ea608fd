import { topLevelFields, type Draft } from './draft.ts';
import {
  isAbstract,
  namedTypeOf,
  possibleTypesOf,
  resolversOf,
  type FieldModel,
  type ObjectModel,
} from './model.ts';

const interfaceFieldsOf = (draft: Draft): ReadonlySet<string> =>
  new Set(draft.model.interfaces.flatMap(({ fields }) => fields.map(({ name }) => name)));

const keyFieldsOf = ({ keys }: ObjectModel): ReadonlySet<string> =>
  new Set(keys.flatMap(({ fields }) => topLevelFields(fields)));

/** Fields that are computed from fields of other subgraphs, in chains. */
export function addRequires(draft: Draft): void {
  for (const entity of draft.entities) {
    if (!draft.chance.happens(60)) continue;
    let previous: FieldModel | undefined;
    for (let length = draft.chance.integer(1, 4); length > 0; length -= 1) {
      const added = addRequired(draft, entity, previous);
      previous = added ?? previous;
    }
  }
}

function addRequired(
  draft: Draft,
  entity: ObjectModel,
  previous: FieldModel | undefined,
): FieldModel | undefined {
  const { chance } = draft;
  const homes = draft
    .homesOf(entity)
    .filter((home) => entity.keys.some(({ uses }) => uses[home]?.isResolvable))
    .filter((home) => !previous || !resolversOf(previous).includes(home));
  const home = chance.pickAny(homes);
  if (home === undefined) return undefined;
  const keys = keyFieldsOf(entity);
  const candidates = entity.fields.filter(
    (field) =>
      !keys.has(field.name) &&
      !resolversOf(field).includes(home) &&
      resolversOf(field).length > 0 &&
      draft.knows(namedTypeOf(field.type), home),
  );
  const others = draft.subset(candidates, previous ? 0 : 1, 2).filter((field) => field !== previous);
  const selections = [...(previous ? [previous] : []), ...others].flatMap((field) => {
    const selection = selectionOf(draft, field, home);
    return selection === undefined ? [] : [{ field, selection }];
  });
  if (selections.length === 0) return undefined;
  for (const { field } of selections) field.uses[home] ??= { isExternal: true };
  return draft.addField(entity, {
    name: draft.newName('r'),
    type: chance.happens(25) ? 'String!' : 'String',
    args: draft.args(10),
    uses: { [home]: { requires: selections.map(({ selection }) => selection).join(' ') } },
  });
}

/** How a field is required; `undefined` for one that this subgraph cannot speak of. */
function selectionOf(draft: Draft, field: FieldModel, home: string, depth = 0): string | undefined {
  const named = namedTypeOf(field.type);
  const head = `${field.name}${requiredArguments(draft, field)}`;
  const object = draft.object(named);
  if (isAbstract(draft.model, named)) {
    const type = draft.model.interfaces.find(({ name }) => name === named);
    const common = type?.fields.filter(({ uses }) => uses[home]) ?? [];
    const [first] = common;
    if (!type || !first || type.object) return undefined;
    const member = draft.object(type.members[home]?.[0] ?? '');
    const own = member?.fields.find(({ name }) => name === first.name);
    if (!own || draft.object(namedTypeOf(own.type)) || isAbstract(draft.model, namedTypeOf(own.type)))
      return undefined;
    return `${head} { ${first.name} }`;
  }
  if (!object) return head;
  const usable = object.fields.filter(
    ({ uses }) => uses[home] && !uses[home].isInaccessible && !uses[home].requires,
  );
  const parts = draft.subset(usable, 1, 2).flatMap((inner) => {
    if (depth > 1) return [];
    return selectionOf(draft, inner, home, depth + 1) ?? [];
  });
  return parts.length > 0 ? `${head} { ${parts.join(' ')} }` : undefined;
}

function requiredArguments({ chance }: Draft, { args }: FieldModel): string {
  const literals: Readonly<Record<string, () => string>> = {
    n: () => String(chance.integer(1, 3)),
    s: () => `"${chance.pick(['x', 'y'])}"`,
    flag: () => String(chance.happens(50)),
    e: () => chance.pick(['A', 'B']),
    ids: () => '["1", "2"]',
    ratio: () => '0.5',
  };
  const given = args.flatMap(({ name, only }) => {
    const literal = literals[name];
    return literal && !only && chance.happens(75) ? [`${name}: ${literal()}`] : [];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/** Fields of an entity that a subgraph answers on one path only. */
export function addProvides(draft: Draft): void {
  const { chance } = draft;
  for (const object of draft.model.objects) {
    if (object.kind === 'value') continue;
    for (const field of object.fields) {
      const entity = draft.object(namedTypeOf(field.type));
      const [home, ...others] = resolversOf(field);
      if (entity?.kind !== 'entity' || home === undefined || others.length > 0 || !chance.happens(20))
        continue;
      provide(draft, { field, home, entity });
    }
  }
}

function provide(
  draft: Draft,
  { field, home, entity }: { field: FieldModel; home: string; entity: ObjectModel },
): void {
  const plain = entity.fields.filter(
    (candidate) =>
      isPlain(draft, entity, candidate) && !candidate.uses[home] && resolversOf(candidate).length > 0,
  );
  const provided = draft.subset(plain, 1, 2);
  const use = field.uses[home];
  if (provided.length === 0 || !use) return;
  for (const { uses } of provided) {
    for (const owner of Object.values(uses)) if (owner && !owner.isExternal) owner.isShareable = true;
    uses[home] = { isExternal: true };
  }
  use.provides = provided.map(({ name }) => name).join(' ');
}

/** A scalar of one subgraph that nothing else depends on. */
function isPlain(draft: Draft, object: ObjectModel, { name, type, args, uses }: FieldModel): boolean {
  const named = namedTypeOf(type);
  return (
    !keyFieldsOf(object).has(name) &&
    !draft.object(named) &&
    !isAbstract(draft.model, named) &&
    args.length === 0 &&
    Object.values(uses).every((use) => !use?.requires)
  );
}

/** Fields that move from one subgraph to another, at once or for the requests that a label says. */
export function addOverrides(draft: Draft): void {
  const { chance } = draft;
  const fixed = interfaceFieldsOf(draft);
  for (const object of draft.model.objects) {
    if (object.kind === 'value' || object.name === 'Mutation') continue;
    for (const field of object.fields) {
      const [from, ...more] = Object.keys(field.uses);
      const others = draft
        .homesOf(object)
        .filter((home) => home !== from && draft.knows(namedTypeOf(field.type), home));
      const isFixed = keyFieldsOf(object).has(field.name) || fixed.has(field.name);
      const use = from === undefined ? undefined : field.uses[from];
      if (isFixed || !use || more.length > 0 || use.requires !== undefined || use.provides !== undefined)
        continue;
      const to = chance.happens(10) ? chance.pickAny(others) : undefined;
      if (to !== undefined && from !== undefined) override(draft, field, from, to);
    }
  }
}

function override(draft: Draft, field: FieldModel, from: string, to: string): void {
  const label = draft.chance.pick([
    undefined,
    'percent(0)',
    'percent(100)',
    draft.newName('moved'),
    draft.newName('moved'),
  ]);
  field.uses[to] = { override: { from, ...(label !== undefined && { label }) } };
  const hasNone = possibleTypesOf(draft.model, field).length === 0;
  if (isAbstract(draft.model, namedTypeOf(field.type)) && hasNone) delete field.uses[to];
}

/** Fields that clients do not see, also some that others require. */
export function hideFields(draft: Draft): void {
  const fixed = interfaceFieldsOf(draft);
  for (const object of draft.entities) {
    for (const { name, uses } of object.fields) {
      if (keyFieldsOf(object).has(name) || fixed.has(name) || !draft.chance.happens(5)) continue;
      for (const use of Object.values(uses)) if (use && !use.isExternal) use.isInaccessible = true;
    }
  }
}
