import { expect, it } from 'vitest';

import { readList } from './read-list.ts';

it('takes all where nobody says which', () => {
  expect(readList('--loads', undefined, ['big', 'small'])).toEqual(['big', 'small']);
});

it('takes those that are named', () => {
  expect(readList('--loads', 'small', ['big', 'small'])).toEqual(['small']);
});

it('says what there is when a name is wrong', () => {
  expect(() => readList('--loads', 'big,tiny', ['big', 'small'])).toThrow(
    'Expected --loads to be some of big,small, but got "tiny"',
  );
});
