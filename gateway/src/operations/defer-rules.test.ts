import { buildSchema, parse, validate } from 'graphql';
import { expect, it } from 'vitest';

import { deferRules } from './defer-rules.ts';

const schema = buildSchema(/* GraphQL */ `
  directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query {
    me: User
  }
  type Mutation {
    rename(name: String): User
  }
  type Subscription {
    renamed: User
  }
  type User {
    id: ID
    name: String
    friend: User
  }
`);

const mistakesIn = (text: string): readonly string[] =>
  validate(schema, parse(text), deferRules).map(({ message }) => message);

it.each([
  '{ ... @defer { me { name } } }',
  '{ me { ... @defer(label: "a") { name } ... @defer(label: "b") { id } ... @defer { id } ... @defer { id } } }',
  'query ($on: Boolean!) { me { ...F @defer(if: $on) } } fragment F on User { name }',
  'mutation { rename { ... @defer { name } } }',
  'subscription { renamed { ... @defer(if: false) { name } } }',
  'subscription ($on: Boolean!) { renamed { ... @defer(if: $on) { name } } }',
  // One directive, however often its fragment is spread.
  '{ me { ...F friend { ...F } } } fragment F on User { ... @defer(label: "a") { name } }',
])('allows %s', (text) => {
  expect(mistakesIn(text)).toEqual([]);
});

it.each([
  [
    '{ me { ... @defer(label: "a") { name } friend { ... @defer(label: "a") { name } } } }',
    'Expected every label of @defer once, but got "a" twice',
  ],
  [
    'query ($label: String) { me { ... @defer(label: $label) { name } } }',
    'Expected the label of @defer to be written in the document, but got a variable',
  ],
  [
    'mutation { ... @defer { rename { name } } }',
    'Expected @defer beneath the fields of "Mutation", but it is beside them',
  ],
  [
    'mutation { ...F } fragment F on Mutation { ...G @defer } fragment G on Mutation { rename { name } }',
    'Expected @defer beneath the fields of "Mutation", but it is beside them',
  ],
  [
    'subscription { renamed { ...F } } fragment F on User { friend { ... @defer { name } } }',
    'Expected a subscription without @defer, or with its "if" being false',
  ],
  // Once, however many subscriptions there are: each fragment is looked through once.
  [
    'subscription A { ...F } subscription B { ...F } fragment F on Subscription { renamed { ... @defer { name } } }',
    'Expected a subscription without @defer, or with its "if" being false',
  ],
])('refuses %s', (text, message) => {
  expect(mistakesIn(text)).toEqual([message]);
});
