import { describe, expect, it } from 'vitest';

import { createDocumentCache } from './document-cache.ts';

const text = (name: number, length: number) => `{ a${name} }`.padEnd(length, '#');

describe('the cache of documents', () => {
  it('knows a document by its text', () => {
    const cache = createDocumentCache();
    const value = {};
    cache.set('{ a }', value);
    expect(cache.get('{ a }')).toBe(value);
    expect(cache.get('{ b }')).toBeUndefined();
  });

  it('is bounded by bytes: large documents leave room for few, small ones for many', () => {
    const count = (length: number) => {
      const cache = createDocumentCache(2 ** 20);
      const texts = Array.from({ length: 1000 }, (_, index) => text(index, length));
      for (const each of texts) cache.set(each, {});
      return texts.filter((each) => cache.get(each)).length;
    };
    expect(count(4000)).toBe(1);
    expect(count(1000)).toBe(4);
    expect(count(10)).toBe(233);
  });

  it('counts what was made of a document since', () => {
    const cache = createDocumentCache<object>(100_000);
    const texts = Array.from({ length: 10 }, (_, index) => text(index, 20));
    for (const each of texts) {
      cache.set(each, {});
      cache.weigh(each, () => 20_000);
      cache.weigh(each, () => 30_000);
    }
    expect(texts.filter((each) => cache.get(each))).toEqual(texts.slice(-2));
    cache.weigh('{ unknown }', () => 1);
    expect(cache.get('{ unknown }')).toBeUndefined();
  });

  it('keeps no document above 64 KiB', () => {
    const cache = createDocumentCache();
    cache.set(text(1, 65_537), {});
    expect(cache.get(text(1, 65_537))).toBeUndefined();
  });

  it('knows the texts that were asked for most often', () => {
    const cache = createDocumentCache<object>();
    for (const text of ['{ a }', '{ b }', '{ c }']) cache.set(text, {});
    for (const text of ['{ b }', '{ c }', '{ b }']) cache.get(text);
    expect(cache.hottest(2)).toEqual(['{ b }', '{ c }']);
  });
});
