import { describe, expect, it } from 'vitest';

import { compareAnswers, describeDifferences, type ComparableAnswer } from './compare-answers.ts';

const differences = (actual: ComparableAnswer, expected: ComparableAnswer) =>
  describeDifferences(compareAnswers(actual, expected));

describe('comparing answers', () => {
  it('finds nothing in equal ones, whatever their errors say', () => {
    const answer = (message: string) => ({
      data: { posts: [{ id: '1', author: null }] },
      errors: [{ message, path: ['posts', 0, 'author'] }],
    });
    expect(compareAnswers(answer('no'), answer('not now'))).toEqual([]);
  });

  it('names each place that differs', () => {
    const actual = { data: { posts: [{ id: '1' }, { id: '3' }], me: null } };
    const expected = { data: { posts: [{ id: '1' }, { id: '2' }], me: { name: 'Ada' } } };
    expect(differences(actual, expected)).toBe(
      'data at posts.1.id: expected "2", but got "3"\ndata at me: expected {"name":"Ada"}, but got null',
    );
  });

  it('names the first ten of many', () => {
    const list = (value: number) => ({ data: Array.from({ length: 100 }, () => value) });
    const lines = differences(list(1), list(2)).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('and 90 more');
  });

  it('tells an absent field from a null one, and a longer list from a shorter', () => {
    expect(differences({ data: {} }, { data: { a: null } })).toBe(
      'data at a: expected null, but got nothing',
    );
    expect(differences({ data: { a: [1] } }, { data: { a: [1, 2] } })).toBe(
      'data at a: expected [1,2], but got [1]',
    );
    expect(differences({ data: null }, { data: {} })).toBe('data at the root: expected {}, but got null');
  });

  it('reports fields in another order as that', () => {
    expect(differences({ data: { a: { c: 1, b: 2 } } }, { data: { a: { b: 2, c: 1 } } })).toBe(
      'order at a: expected ["b","c"], but got ["c","b"]',
    );
  });

  it('misses no error and finds none too many', () => {
    const data = { a: null, b: null };
    const [a, b] = [{ path: ['a'] }, { path: ['b'] }];
    expect(differences({ data, errors: [a] }, { data, errors: [b, a] })).toBe(
      'errors at b: expected [["b"]], but got []',
    );
    expect(differences({ data, errors: [a, b] }, { data, errors: [b] })).toBe(
      'errors at a: expected [], but got [["a"]]',
    );
  });

  it('takes one of several errors for the null that all of them caused', () => {
    const data = { list: null };
    const [first, second] = [{ path: ['list', 0, 'id'] }, { path: ['list', 1, 'id'] }];
    for (const errors of [[first, second], [second]]) {
      expect(compareAnswers({ data, errors }, { data, errors: [first] })).toEqual([]);
    }
    expect(differences({ data }, { data, errors: [first] })).toBe(
      'errors at list: expected [["list",0,"id"]], but got []',
    );
  });

  it('does not miss what a server that limits its errors leaves out', () => {
    const data = { a: null, b: null };
    const errors = [{ path: ['a'] }, { path: ['b'] }];
    expect(compareAnswers({ data, errors: errors.slice(0, 1) }, { data, errors }, { maxErrors: 1 })).toEqual(
      [],
    );
  });
});
