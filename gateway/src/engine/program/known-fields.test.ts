import { buildSchema, Kind, parse, type OperationDefinitionNode } from 'graphql';
import { describe, expect, it } from 'vitest';

import type { DataObject } from './data-tree.ts';
import { compilePickFields } from './known-fields.ts';

const schema = buildSchema(`
  interface Named { name: String }
  type User implements Named { id: ID! name: String tags: [String] friends: [User] }
  type Query { user(id: ID): User }
`);

const pick = (selection: string, object: DataObject) => {
  const operation = parse(`query ($s: Boolean) ${selection}`).definitions[0] as OperationDefinitionNode;
  expect(operation.kind).toBe(Kind.OPERATION_DEFINITION);
  return compilePickFields(operation.selectionSet, schema)?.(object);
};
const user = {
  __typename: 'User',
  id: '1',
  name: null,
  tags: ['a'],
  friends: [{ id: '2', name: 'Ada' }, null],
};

describe('fields that are known', () => {
  it('are taken, and no others', () => {
    expect(pick('{ id name tags }', user)).toEqual({ id: '1', name: null, tags: ['a'] });
    expect(pick('{ friends { id } }', user)).toEqual({ friends: [{ id: '2' }, null] });
    expect(pick('{ friends { id } friends { name } }', user)).toEqual({
      friends: [{ id: '2', name: 'Ada' }, null],
    });
  });

  it('are taken for the type that the object has', () => {
    expect(pick('{ ... on Named { name } ... on Query { missing } }', user)).toEqual({ name: null });
  });

  it.each([
    ['a field is missing', '{ id bio }'],
    ['a field is inherited', '{ constructor }'],
    ['something below is missing', '{ friends { bio } }'],
    ['it has arguments', '{ id tags(first: 1) }'],
    ['it has another name', '{ tags: id }'],
    ['it has a condition', '{ id @skip(if: $s) }'],
    ['a fragment has one', '{ id ... @include(if: $s) { name } }'],
    ['it is no object', '{ id { x } }'],
  ])('are not enough where %s', (_why, selection) => {
    expect(pick(selection, user)).toBeUndefined();
  });
});
