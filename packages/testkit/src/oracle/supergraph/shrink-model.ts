import type { FieldModel, SupergraphModel } from './model.ts';

type Edit = (model: SupergraphModel) => void;

/**
 * Gives smaller models, large steps first. Many of them do not compose or no longer have what an operation asks for:
 * whoever wants one tries it.
 */
export function* shrinkModel(model: SupergraphModel): Generator<SupergraphModel> {
  for (const edit of editsOf(model)) {
    const copy = structuredClone(model);
    edit(copy);
    yield copy;
  }
}

function* editsOf(model: SupergraphModel): Generator<Edit> {
  for (const name of model.subgraphs) yield (copy) => removeSubgraph(copy, name);
  for (const { name } of model.objects) yield (copy) => removeType(copy, name);
  for (const { name } of model.interfaces) yield (copy) => removeType(copy, name);
  for (const { name } of model.unions) yield (copy) => removeType(copy, name);
  for (const { name } of [...model.enums, ...model.inputs]) {
    yield (copy) => {
      copy.enums = copy.enums.filter((type) => type.name !== name);
      copy.inputs = copy.inputs.filter((type) => type.name !== name);
    };
  }
  for (const [index, { fields }] of model.objects.entries()) {
    for (const { name } of fields) yield (copy) => removeFields(copy, (field) => field.name === name, index);
  }
  for (const [index, { fields }] of model.interfaces.entries()) {
    for (const { name } of fields) {
      yield (copy) => {
        const type = copy.interfaces[index];
        if (type) type.fields = type.fields.filter((field) => field.name !== name);
        removeFields(copy, (field) => field.name === name);
      };
    }
  }
  yield* smallEdits(model);
}

/** What is left of fields and keys in single subgraphs, and their arguments. */
function* smallEdits(model: SupergraphModel): Generator<Edit> {
  for (const [index, { fields, keys, subgraphs }] of model.objects.entries()) {
    for (const [place, { uses, args }] of fields.entries()) {
      const at = (copy: SupergraphModel) => copy.objects[index]?.fields[place];
      for (const name of Object.keys(uses)) yield (copy) => void delete at(copy)?.uses[name];
      for (const name of Object.keys(uses)) yield (copy) => withoutDirectives(at(copy), name);
      for (const { name } of args) {
        yield (copy) => {
          const field = at(copy);
          if (field) field.args = field.args.filter((argument) => argument.name !== name);
        };
      }
    }
    for (const [place, { uses }] of keys.entries()) {
      for (const name of Object.keys(uses))
        yield (copy) => void delete copy.objects[index]?.keys[place]?.uses[name];
    }
    for (const name of Object.keys(subgraphs)) yield (copy) => leave(copy, index, name);
  }
}

function leave(copy: SupergraphModel, index: number, subgraph: string): void {
  const object = copy.objects[index];
  if (!object) return;
  delete object.subgraphs[subgraph];
  for (const { uses } of [...object.fields, ...object.keys]) delete uses[subgraph];
  for (const { members } of [...copy.interfaces, ...copy.unions]) {
    members[subgraph] = (members[subgraph] ?? []).filter((name) => name !== object.name);
  }
}

function withoutDirectives(field: FieldModel | undefined, subgraph: string): void {
  const use = field?.uses[subgraph];
  if (!use) return;
  delete use.provides;
  delete use.isInaccessible;
}

function removeSubgraph(copy: SupergraphModel, name: string): void {
  copy.subgraphs = copy.subgraphs.filter((subgraph) => subgraph !== name);
  for (const { fields, keys, subgraphs } of copy.objects) {
    delete subgraphs[name];
    for (const { uses } of [...fields, ...keys]) delete uses[name];
  }
  for (const type of [...copy.interfaces, ...copy.unions]) delete type.members[name];
}

function removeType(copy: SupergraphModel, name: string): void {
  copy.objects = copy.objects.filter((type) => type.name !== name);
  copy.interfaces = copy.interfaces.filter((type) => type.name !== name);
  copy.unions = copy.unions.filter((type) => type.name !== name);
  for (const { members } of [...copy.interfaces, ...copy.unions]) {
    for (const [subgraph, names = []] of Object.entries(members)) {
      members[subgraph] = names.filter((member) => member !== name);
    }
  }
  removeFields(copy, ({ type }) => type.replaceAll(/[[\]!]/g, '') === name);
}

function removeFields(
  copy: SupergraphModel,
  isUnwanted: (field: FieldModel) => boolean,
  index?: number,
): void {
  for (const [place, object] of copy.objects.entries()) {
    if (index === undefined || index === place)
      object.fields = object.fields.filter((field) => !isUnwanted(field));
  }
}
