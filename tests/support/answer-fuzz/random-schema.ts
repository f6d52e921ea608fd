import { buildSchema, type GraphQLSchema } from 'graphql';

import { Dice } from './dice.ts';

/** A schema, and whether implementations promise the same as their interfaces: then an interface alone tells what is null. */
export interface RandomSchema {
  readonly schema: GraphQLSchema;
  readonly hasEqualFields: boolean;
}

// Some of them every object inherits.
const fieldNames = [
  'id',
  'name',
  'items',
  'peer',
  'size',
  'constructor',
  'toString',
  'valueOf',
  'data',
  'kind',
];
const leaves = ['ID', 'String', 'Int', 'Float', 'Boolean', 'Kind', 'Any'];

export function randomSchema(seed: string): RandomSchema {
  const dice = new Dice(seed);
  const hasEqualFields = dice.happens(600);
  const objects = ['A', 'B', 'C', 'D'].slice(0, 2 + dice.roll(3));
  const interfaces = ['I', 'J'].slice(0, 1 + dice.roll(2));
  const composites = [...objects, ...interfaces, 'U'];
  const members = objects.filter(() => dice.happens(700));

  const typeOf = (): string => {
    const named = dice.happens(450) ? dice.pick(composites) : dice.pick(leaves);
    return wrap(named, dice);
  };
  const field = (name: string): readonly [string, string] => {
    const args = dice.happens(300) ? '(n: Int = 1, k: Kind, in: Input)' : '';
    return [name, `${args}: ${typeOf()}`];
  };
  const fields = (count: number) =>
    new Map(Array.from({ length: count }, () => field(dice.pick(fieldNames))));

  const fieldsOfInterfaces = new Map(interfaces.map((name) => [name, fields(1 + dice.roll(3))]));
  // Interfaces of one object may not contradict each other.
  const names = interfaces.filter((name) => fieldsOfInterfaces.has(name));
  const taken = new Map<string, string>();
  for (const name of names) {
    for (const [key, type] of fieldsOfInterfaces.get(name) ?? []) {
      const known = taken.get(key);
      if (known === undefined) taken.set(key, type);
      else fieldsOfInterfaces.get(name)?.set(key, known);
    }
  }
  // The first object implements every interface.
  const stricter = (type: string): string => {
    if (hasEqualFields || dice.happens(500)) return type;
    const narrower = type.replace(/\b[IJ]\b/, objects[0] ?? '');
    return narrower.endsWith('!') || dice.happens(500) ? narrower : `${narrower}!`;
  };
  const print = (all: ReadonlyMap<string, string>) =>
    [...all].map(([name, type]) => `${name}${type}`).join(' ');

  const text = [
    'scalar Any enum Kind { RED GREEN BLUE } input Input { a: Int b: Int = 2 }',
    ...interfaces.map((name) => `interface ${name} { ${print(fieldsOfInterfaces.get(name) ?? new Map())} }`),
    ...objects.map((name, index) => {
      const own = interfaces.filter(() => index === 0 || dice.happens(500));
      const inherited = own.flatMap((each) => [...(fieldsOfInterfaces.get(each) ?? [])]);
      const all = new Map([
        ...fields(2 + dice.roll(4)),
        ...inherited.map(([key, type]) => [key, stricter(type)] as const),
      ]);
      const heads = own.length > 0 ? ` implements ${own.join(' & ')}` : '';
      return `type ${name}${heads} { ${print(all)} }`;
    }),
    `union U = ${(members.length > 0 ? members : objects).join(' | ')}`,
    `type Query { ${print(new Map([...fields(4), ['self', ': Query'] as const]))} }`,
  ].join('\n');
  return { schema: buildSchema(text), hasEqualFields };
}

const wrap = (named: string, dice: Dice): string => {
  const nonNull = () => (dice.happens(350) ? '!' : '');
  if (dice.happens(650)) return `${named}${nonNull()}`;
  const list = `[${named}${nonNull()}]${nonNull()}`;
  return dice.happens(150) ? `[${list}]${nonNull()}` : list;
};
