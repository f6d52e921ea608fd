import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { buildSchema, GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';

import { Failures } from '../answer/failures.ts';
import { compileRepresentation } from './representation.ts';

const schema = buildSchema(`
  interface Media { id: ID! }
  type Book implements Media { id: ID! title: String dimensions: Dimensions pages: [Page!] }
  type Film implements Media { id: ID! }
  type Dimensions { width: Int weight: Int! }
  type Page { number: Int! }
  type Query { media: Media }
`);

const field = (name: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode =>
  selections.length > 0 ? { kind: 'Field', name, selections } : { kind: 'Field', name };
const on = (typeCondition: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode => ({
  kind: 'InlineFragment',
  typeCondition,
  selections,
});

const represent = (
  entity: Record<string, unknown>,
  requires: readonly QueryPlanSelectionNode[],
  rewrites: readonly FetchDataRewrite[] = [],
) => {
  const shape = compileRepresentation(requires, rewrites, schema).shapeOf(entity);
  return shape.identify(entity) === undefined ? undefined : shape.represent(entity);
};

const book = { __typename: 'Book', id: 'b"1', title: null, other: 1 };
const key = on('Book', field('__typename'), field('id'));

describe('compileRepresentation', () => {
  it('writes what is required, and nothing else of the entity', () => {
    expect(represent(book, [key])).toBe(String.raw`{"__typename":"Book","id":"b\"1"}`);
  });

  it('takes the fragments that fit the entity, by its interfaces too', () => {
    const requires = [key, on('Film', field('id')), on('Media', field('__typename'), field('id'))];
    expect(represent(book, requires)).toBe(String.raw`{"__typename":"Book","id":"b\"1"}`);
    expect(represent({ __typename: 'Film', id: '1' }, requires)).toBe('{"id":"1","__typename":"Film"}');
  });

  it('is none for an entity that no fragment fits', () => {
    expect(represent({ __typename: 'Film', id: '1' }, [key])).toBeUndefined();
    expect(represent({ id: '1' }, [key])).toBeUndefined();
  });

  it('is none where a field is missing, or null where it may not be', () => {
    const dimensions = field('dimensions', field('weight'));
    expect(represent({ __typename: 'Book' }, [key])).toBeUndefined();
    expect(represent({ __typename: 'Book', id: null }, [key])).toBeUndefined();
    expect(represent({ ...book, dimensions: {} }, [on('Book', dimensions)])).toBeUndefined();
    expect(
      represent({ ...book, pages: [{ number: 1 }, {}] }, [on('Book', field('pages', field('number')))]),
    ).toBe(undefined);
  });

  it('passes on a null that may be one', () => {
    expect(represent(book, [on('Book', field('title'))])).toBe('{"title":null}');
    expect(represent({ ...book, dimensions: null }, [on('Book', field('dimensions', field('width')))])).toBe(
      '{"dimensions":null}',
    );
  });

  it('goes into objects and lists', () => {
    const entity = { ...book, dimensions: { width: 3, weight: 4 }, pages: [{ number: 1 }, { number: 2 }] };
    const requires = [on('Book', field('dimensions', field('weight')), field('pages', field('number')))];
    expect(represent(entity, requires)).toBe(
      '{"dimensions":{"weight":4},"pages":[{"number":1},{"number":2}]}',
    );
  });

  it('works rewrites in', () => {
    const rewrites: FetchDataRewrite[] = [
      { kind: 'ValueSetter', path: ['... on Book', '__typename'], setValueTo: 'Media' },
      { kind: 'KeyRenamer', path: ['... on Media', 'id'], renameKeyTo: 'key' },
      { kind: 'ValueSetter', path: ['... on Film', 'id'], setValueTo: 'no' },
    ];
    expect(represent(book, [key], rewrites)).toBe(String.raw`{"__typename":"Media","key":"b\"1"}`);
  });

  it('tells entities apart by their only key, or by all that is required', () => {
    const { shapeOf } = compileRepresentation(
      [key, on('Film', field('__typename'), field('id'))],
      [],
      schema,
    );
    const identify = (entity: Record<string, unknown>) => shapeOf(entity).identify(entity);
    expect(identify(book)).toBe('b"1');
    expect(identify({ ...book, id: 1 })).toBe(1);
    // A text begins with a brace, so such a key must not be taken for one.
    expect(identify({ ...book, id: '{}' })).toBe('{"__typename":"Book","id":"{}"}');
    expect(shapeOf(book)).not.toBe(shapeOf({ __typename: 'Film', id: 'b"1' }));
  });

  it('finds the failure that left out what is missing', () => {
    const { findCause } = compileRepresentation(
      [on('Book', field('id'), field('dimensions', field('weight')))],
      [],
      schema,
    );
    const dimensions = {};
    const entity = { __typename: 'Book', id: '1', dimensions };
    const failures = new Failures();
    const failureAt = (parent: object, key: string) => failures.at(parent, key)[0];
    expect(findCause(entity, failureAt)).toBeUndefined();
    const error = new GraphQLError('down');
    failures.add(dimensions, 'weight', error);
    expect(findCause(entity, failureAt)?.error).toBe(error);
  });
});
