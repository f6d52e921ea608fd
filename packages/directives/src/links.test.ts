import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { readLinks } from './links.ts';

const linkOf = (text: string) => readLinks(parse(`extend schema ${text} type Query { a: Int }`))[0];

describe('what a schema calls a directive', () => {
  it.each([
    ['the name of the feature itself', '@link(url: "https://a.test/authenticated/v0.1")', 'authenticated'],
    ['another name for the feature', '@link(url: "https://a.test/authenticated/v0.1", as: "needs")', 'needs'],
    ['an import', '@link(url: "https://a.test/auth/v0.1", import: ["@authenticated"])', 'authenticated'],
    [
      'an import under another name',
      '@link(url: "https://a.test/auth/v0.1", import: [{ name: "@authenticated", as: "@needsUser" }])',
      'needsUser',
    ],
    ['no import', '@link(url: "https://a.test/auth/v0.1", import: ["@other"])', 'auth__authenticated'],
    ['a prefix', '@link(url: "https://a.test/auth/v0.1", as: "a")', 'a__authenticated'],
  ])('follows %s', (_title, link, expected) => {
    expect(linkOf(link)?.nameOf('authenticated')).toBe(expected);
  });
});

it('splits the version from the URL', () => {
  expect(linkOf('@link(url: "https://a.test/x/v2.11", for: SECURITY)')).toMatchObject({
    identity: 'https://a.test/x',
    majorVersion: 2,
    purpose: 'SECURITY',
  });
});

it('reads links of definitions and extensions of the schema, and passes over one without a URL', () => {
  const schema =
    'schema @link(url: "https://a.test/x/v1.0") @link { query: Query } extend schema @link(url: "y") type Query { a: Int }';
  expect(readLinks(parse(schema)).map(({ identity }) => identity)).toEqual(['https://a.test/x', 'y']);
});
