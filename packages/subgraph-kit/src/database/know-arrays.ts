import type postgres from 'postgres';

/** Types of PostgreSQL and the arrays of each, by numbers that never change. */
const arrayTypes = new Map([
  [16, 1000], // bool
  [17, 1001], // bytea
  [20, 1016], // int8
  [21, 1005], // int2
  [23, 1007], // int4
  [25, 1009], // text
  [114, 199], // json
  [700, 1021], // float4
  [701, 1022], // float8
  [1043, 1015], // varchar
  [1082, 1182], // date
  [1114, 1115], // timestamp
  [1184, 1185], // timestamptz
  [1700, 1231], // numeric
  [2950, 2951], // uuid
  [3802, 3807], // jsonb
]);

type Handlers = Pick<postgres.Sql['options'], 'serializers' | 'parsers'> & {
  /** What `sql.array` looks at; the types of postgres.js do not tell of it. */
  readonly shared?: { readonly typeArrayMap: Record<number, number> };
};

/**
 * Teaches postgres.js how arrays are written and read. By itself it asks every new connection which there are
 * (`fetch_types`), and leaves the error to nobody when that connection is cut meanwhile: the process would end.
 *
 * @example knowArrays(postgres(url, { fetch_types: false }).options)
 */
export function knowArrays({ serializers, parsers, shared }: Handlers): void {
  for (const [type, array] of arrayTypes) {
    if (shared) shared.typeArrayMap[type] = array;
    const serialize = serializers[type] as ((value: unknown) => unknown) | undefined;
    serializers[array] = (value: unknown) => writeArray(value, serialize ?? String);
    parsers[array] = (text) => readArray(text, parsers[type] ?? String);
  }
}

/** What is no list is written as one already. */
function writeArray(value: unknown, serialize: (item: unknown) => unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map((item: unknown) => {
    if (item === null) return 'null';
    if (Array.isArray(item)) return writeArray(item, serialize);
    if (item === undefined) throw new TypeError('Expected no undefined item in an array: null is one');
    return quote(String(serialize(item)));
  });
  return `{${items.join(',')}}`;
}

const special = /["\\]/;
const allSpecial = new RegExp(special, 'g');

/** Ids have nothing to escape, and each key of each batch comes through here. */
const quote = (text: string): string =>
  special.test(text) ? `"${text.replaceAll(allSpecial, String.raw`\$&`)}"` : `"${text}"`;

const tokens = /[{}]|"((?:[^"\\]|\\.)*)"|[^{},"]+/gs;

function readArray(text: string, parse: (text: string) => unknown): unknown {
  const root: unknown[] = [];
  const open = [root];
  for (const [token, quoted] of text.matchAll(tokens)) {
    if (token === '{') {
      const list: unknown[] = [];
      open.at(-1)?.push(list);
      open.push(list);
    } else if (token === '}') open.pop();
    else if (quoted !== undefined) open.at(-1)?.push(parse(quoted.replaceAll(/\\(.)/gs, '$1')));
    else open.at(-1)?.push(token === 'NULL' ? null : parse(token));
  }
  return root[0];
}
