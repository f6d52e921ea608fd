import { levelFields } from '../gateway/graphs/levels.ts';

/** Levels of objects within objects. */
export const depthBands = ['1-2', '3-4', '5+'] as const;
/** Fields of each level that have a value, its id included; the list of the next level is one more. */
export const fieldBands = ['1-5', '6-15', '16+'] as const;
/** Objects in each list. */
export const listBands = ['1-10', '11-100', '100+'] as const;

/** A cell of the matrix: the bands of an operation. */
export interface ComplexityCell {
  readonly depth: (typeof depthBands)[number];
  readonly fields: (typeof fieldBands)[number];
  readonly lists: (typeof listBands)[number];
}

// One of each band. The shallowest has two levels, so that both subgraphs have something to say.
const depths: Readonly<Record<ComplexityCell['depth'], number>> = { '1-2': 2, '3-4': 4, '5+': 6 };
const fieldCounts: Readonly<Record<ComplexityCell['fields'], number>> = { '1-5': 4, '6-15': 10, '16+': 20 };
const listLengths: Readonly<Record<ComplexityCell['lists'], number>> = {
  '1-10': 3,
  '11-100': 20,
  '100+': 120,
};

/** Every combination, the smallest first. */
export const complexityCells: readonly ComplexityCell[] = depthBands.flatMap((depth) =>
  fieldBands.flatMap((fields) => listBands.map((lists) => ({ depth, fields, lists }))),
);

/** @example nameOf({ depth: '1-2', fields: '16+', lists: '1-10' }) // 'depth 1-2, fields 16+, lists 1-10' */
export const nameOf = ({ depth, fields, lists }: ComplexityCell): string =>
  `depth ${depth}, fields ${fields}, lists ${lists}`;

/** What no answer of the matrix reaches. */
export const maxAnswerBytes = 1_000_000;

// Of large ones: an object's brackets and the name of its list, a field's name and value.
const bytesOfObject = 20;
const bytesOfField = 14;

/**
 * How long the lists of each level are, from the outside in. Lists within lists multiply: 120 objects six times over
 * would be 10^12. So each list is as long as its band wants, unless those further in would then have no room for one
 * object each; from there on they are shorter.
 *
 * @example lengthsOf({ depth: '3-4', fields: '16+', lists: '100+' }) // [120, 8, 1, 1]
 */
export function lengthsOf({ depth, fields, lists }: ComplexityCell): readonly number[] {
  const levelCount = depths[depth];
  const lengths: number[] = [];
  let room = Math.floor(maxAnswerBytes / (bytesOfObject + bytesOfField * fieldCounts[fields]));
  let parents = 1;
  for (let level = 0; level < levelCount; level += 1) {
    const wanted = lengths.at(-1) ?? listLengths[lists];
    const fitting = Math.floor(room / (parents * (levelCount - level)));
    const length = Math.max(1, Math.min(wanted, fitting));
    lengths.push(length);
    parents *= length;
    room -= parents;
  }
  return lengths;
}

/** The operation that stands for a cell. */
export function operationOf(cell: ComplexityCell): string {
  // The id is one of the fields.
  const fields = ['id', ...levelFields.slice(0, fieldCounts[cell.fields] - 1)].join(' ');
  const [outermost, ...inner] = lengthsOf(cell);
  const selection = inner.reduceRight(
    (within, length) => `${fields} next(first: ${length}) { ${within} }`,
    fields,
  );
  return `{ levels(first: ${outermost}) { ${selection} } }`;
}
