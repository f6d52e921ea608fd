import type {
  ArgumentModel,
  FieldModel,
  FieldUse,
  InterfaceModel,
  ObjectModel,
  SupergraphModel,
} from './model.ts';

const imports = [
  '@key',
  '@shareable',
  '@external',
  '@requires',
  '@provides',
  '@override',
  '@inaccessible',
  '@interfaceObject',
];
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})`;

/** Writes the schema of one subgraph. */
export function printSubgraph(model: SupergraphModel, subgraph: string): string {
  const { enums, inputs, interfaces, unions, objects } = model;
  return [
    link,
    ...enums.map(({ name, values, hidden }) =>
      block(
        `enum ${name}`,
        (values[subgraph] ?? []).map((value) => (value === hidden ? `${value} @inaccessible` : value)),
      ),
    ),
    ...inputs.map(({ name, fields }) => block(`input ${name}`, printArguments(fields, subgraph))),
    ...interfaces.map((type) => printInterface(model, type, subgraph)),
    ...unions.map(({ name, members }) => {
      const types = members[subgraph] ?? [];
      return types.length > 0 ? `union ${name} = ${types.join(' | ')}` : '';
    }),
    ...objects.map((type) => printObject(model, type, subgraph)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

const block = (head: string, lines: readonly string[]): string =>
  lines.length > 0 ? `${head} {\n${lines.map((line) => `  ${line}`).join('\n')}\n}` : '';

const printArguments = (args: readonly ArgumentModel[], subgraph: string): string[] =>
  args
    .filter(({ only }) => only?.includes(subgraph) ?? true)
    .map(({ name, type, defaultValue }) => {
      const value = defaultValue === undefined ? '' : ` = ${JSON.stringify(defaultValue)}`;
      return `${name}: ${type}${value}`;
    });

function printInterface(model: SupergraphModel, type: InterfaceModel, subgraph: string): string {
  const { name, object, members } = type;
  const key = object ? ` @key(fields: "${object.key}")` : '';
  if (object?.subgraph === subgraph) {
    const fields = object.fields.flatMap((field) => printField(field, subgraph));
    return block(`type ${name}${key} @interfaceObject`, [`${object.key}: ID!`, ...fields]);
  }
  const [first] = members[subgraph] ?? [];
  if (first === undefined) return '';
  const lines = type.fields
    .filter(({ uses }) => uses[subgraph])
    .flatMap((field) => {
      const own = model.objects
        .find((object) => object.name === first)
        ?.fields.find((candidate) => candidate.name === field.name);
      return own ? [`${own.name}${printArgumentList(own, subgraph)}: ${own.type}`] : [];
    });
  return block(`interface ${name}${key}`, lines);
}

function printObject(model: SupergraphModel, type: ObjectModel, subgraph: string): string {
  if (!type.subgraphs[subgraph]) return '';
  const parents = model.interfaces.filter(({ members }) => members[subgraph]?.includes(type.name));
  const implemented = parents.length > 0 ? ` implements ${parents.map(({ name }) => name).join(' & ')}` : '';
  const keys = type.keys.flatMap(({ fields, uses }) => {
    const use = uses[subgraph];
    if (!use) return [];
    return [` @key(fields: "${fields}"${use.isResolvable ? '' : ', resolvable: false'})`];
  });
  return block(
    `type ${type.name}${implemented}${keys.join('')}`,
    type.fields.flatMap((field) => printField(field, subgraph)),
  );
}

function printField(field: FieldModel, subgraph: string): string[] {
  const use = field.uses[subgraph];
  if (!use) return [];
  return [`${field.name}${printArgumentList(field, subgraph)}: ${field.type}${printDirectives(use)}`];
}

function printArgumentList({ args }: FieldModel, subgraph: string): string {
  const list = printArguments(args, subgraph);
  return list.length > 0 ? `(${list.join(', ')})` : '';
}

function printDirectives(use: FieldUse): string {
  const { requires, provides, override } = use;
  const label = override?.label === undefined ? '' : `, label: ${JSON.stringify(override.label)}`;
  return [
    use.isExternal ? ' @external' : '',
    use.isShareable ? ' @shareable' : '',
    use.isInaccessible ? ' @inaccessible' : '',
    requires === undefined ? '' : ` @requires(fields: ${JSON.stringify(requires)})`,
    provides === undefined ? '' : ` @provides(fields: ${JSON.stringify(provides)})`,
    override ? ` @override(from: "${override.from}"${label})` : '',
  ].join('');
}
