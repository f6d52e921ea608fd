import { describe, expect, it } from 'vitest';

import { errorCodesOf, type Schemas } from './compose-and-plan.ts';

// Wrong uses of each directive, and the code that composition refuses them with. Right uses have a file of their
// own: federation-directives.test.ts.

/** A wrong use in words, the code and the schemas; `a` gets a query root of its own when it needs one. */
type WrongUse = readonly [use: string, code: string, schemas: Schemas];

const query = 'type Query { root: Int }';
const entity = (fields: string) => `type T @key(fields: "id") { id: ID! ${fields} }`;
/** Two subgraphs that have an entity T, the second with a query that answers one. */
const twoOf = (a: string, b: string): Schemas => ({
  a: `${query} ${entity(a)}`,
  b: `type Query { t: T } ${entity(b)}`,
});

const wrongUses: Readonly<Record<string, readonly WrongUse[]>> = {
  '@key': [
    [
      'names a field that is not there',
      'KEY_INVALID_FIELDS',
      { a: `${query} type A @key(fields: "x") { id: ID! }` },
    ],
    [
      'names a field with arguments',
      'KEY_FIELDS_HAS_ARGS',
      { a: `${query} type A @key(fields: "id") { id(x: Int): ID! }` },
    ],
    [
      'selects a union',
      'KEY_FIELDS_SELECT_INVALID_TYPE',
      { a: `${query} union U = A  type A @key(fields: "u { __typename }") { u: U }` },
    ],
    [
      'is one that a subgraph which returns the entity does not have',
      'SATISFIABILITY_ERROR',
      { a: `${query} ${entity('')}`, b: 'type Query { t: T } type T { x: Int }' },
    ],
  ],
  '@shareable': [
    [
      'is missing where two subgraphs resolve a field',
      'INVALID_FIELD_SHARING',
      { a: 'type Query { x: Int }', b: 'type Query { x: Int }' },
    ],
    [
      'stands on an interface',
      'INVALID_SHAREABLE_USAGE',
      { a: `${query} interface I { x: Int @shareable }` },
    ],
  ],
  '@external': [
    ['marks a field that nothing needs', 'EXTERNAL_UNUSED', twoOf('x: Int', 'x: Int @external')],
    [
      'marks a field that nobody resolves',
      'EXTERNAL_MISSING_ON_BASE',
      twoOf('', 'x: Int @external y: Int @requires(fields: "x")'),
    ],
    [
      'gives a field another type than its owner',
      'EXTERNAL_TYPE_MISMATCH',
      twoOf('x: String', 'x: Int @external y: Int @requires(fields: "x")'),
    ],
  ],
  '@requires': [
    [
      'names a field that is not there',
      'REQUIRES_INVALID_FIELDS',
      twoOf('', 'y: Int @requires(fields: "x")'),
    ],
    [
      'names a field of the same subgraph',
      'REQUIRES_FIELDS_MISSING_EXTERNAL',
      twoOf('', 'x: Int y: Int @requires(fields: "x")'),
    ],
    [
      'names its fields by a number',
      'REQUIRES_INVALID_FIELDS_TYPE',
      twoOf('', 'y: Int @requires(fields: 7)'),
    ],
  ],
  '@provides': [
    [
      'stands on a scalar field',
      'PROVIDES_ON_NON_OBJECT_FIELD',
      { a: 'type Query { x: Int @provides(fields: "y") }' },
    ],
    [
      'names a field that is not there',
      'PROVIDES_INVALID_FIELDS',
      { a: `type Query { t: T @provides(fields: "y") } ${entity('')}` },
    ],
    [
      'names a field of the same subgraph',
      'PROVIDES_FIELDS_MISSING_EXTERNAL',
      { a: `type Query { t: T @provides(fields: "y") } ${entity('y: Int')}` },
    ],
    [
      'names a field that its owner does not share',
      'INVALID_FIELD_SHARING',
      {
        a: `${query} ${entity('y: Int')}`,
        b: `type Query { t: T @provides(fields: "y") } ${entity('y: Int @external')}`,
      },
    ],
  ],
  '@override': [
    [
      'takes a field from its own subgraph',
      'OVERRIDE_FROM_SELF_ERROR',
      { a: 'type Query { x: Int @override(from: "a") }' },
    ],
    [
      'goes round in a circle',
      'OVERRIDE_SOURCE_HAS_OVERRIDE',
      { a: 'type Query { x: Int @override(from: "b") }', b: 'type Query { x: Int @override(from: "a") }' },
    ],
    [
      'has a label that is none',
      'OVERRIDE_LABEL_INVALID',
      { a: 'type Query { x: Int }', b: 'type Query { x: Int @override(from: "a", label: "20%") }' },
    ],
  ],
  '@inaccessible': [
    [
      'hides a type that a visible field returns',
      'REFERENCED_INACCESSIBLE',
      { a: 'type Query { t: T } type T @inaccessible { x: Int }' },
    ],
    [
      'hides every field of a visible type',
      'ONLY_INACCESSIBLE_CHILDREN',
      { a: 'type Query { t: T } type T { x: Int @inaccessible }' },
    ],
    [
      'hides a required argument',
      'REQUIRED_INACCESSIBLE',
      { a: 'type Query { x(y: Int! @inaccessible): Int }' },
    ],
    [
      'hides a field that a visible interface promises',
      'IMPLEMENTED_BY_INACCESSIBLE',
      { a: 'type Query { t: T } interface I { x: Int } type T implements I { x: Int @inaccessible y: Int }' },
    ],
  ],
  '@tag': [
    ['has no name', 'INVALID_GRAPHQL', { a: 'type Query { x: Int @tag }' }],
    ['is named by a number', 'INVALID_GRAPHQL', { a: 'type Query { x: Int @tag(name: 1) }' }],
  ],
  '@interfaceObject': [
    [
      'is an interface in no subgraph',
      'INTERFACE_OBJECT_USAGE_ERROR',
      { a: `${query} type M @interfaceObject @key(fields: "id") { id: ID! x: Int }` },
    ],
    [
      'stands beside an implementation',
      'INTERFACE_OBJECT_USAGE_ERROR',
      {
        a: `${query} interface M @key(fields: "id") { id: ID! } type T implements M @key(fields: "id") { id: ID! }`,
        b: `type M @interfaceObject @key(fields: "id") { id: ID! x: Int } ${entity('')}`,
      },
    ],
    [
      'has no key',
      'INTERFACE_OBJECT_USAGE_ERROR',
      {
        a: `${query} interface M @key(fields: "id") { id: ID! } type T implements M @key(fields: "id") { id: ID! }`,
        b: 'type M @interfaceObject { x: Int }',
      },
    ],
  ],
  '@composeDirective': [
    [
      'names a directive that is not there',
      'DIRECTIVE_COMPOSITION_ERROR',
      { a: `extend schema @composeDirective(name: "@mine") ${query}` },
    ],
    [
      'names a directive that no @link brought',
      'DIRECTIVE_COMPOSITION_ERROR',
      {
        a: `extend schema @composeDirective(name: "@mine")
          directive @mine on FIELD_DEFINITION  type Query { x: Int @mine }`,
      },
    ],
    [
      'forgets the @ of the name',
      'DIRECTIVE_COMPOSITION_ERROR',
      {
        a: `extend schema @link(url: "https://specs.tributary.test/mine/v1.0", import: ["@mine"])
            @composeDirective(name: "mine")
          directive @mine on FIELD_DEFINITION  type Query { x: Int @mine }`,
      },
    ],
  ],
  '@authenticated': [
    ['stands on an input', 'INVALID_GRAPHQL', { a: `${query} input I @authenticated { x: Int }` }],
    [
      'stands on an interface, where it would not hold for the objects behind',
      'AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE',
      { a: `${query} interface I @authenticated { x: Int }` },
    ],
    [
      'is missing on a field that requires a protected one',
      'MISSING_TRANSITIVE_AUTH_REQUIREMENTS',
      twoOf('x: Int @authenticated', 'x: Int @external y: Int @requires(fields: "x")'),
    ],
  ],
  '@requiresScopes': [
    ['names no scopes', 'INVALID_GRAPHQL', { a: 'type Query { x: Int @requiresScopes }' }],
    [
      'stands on an interface field',
      'AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE',
      { a: `${query} interface I { x: Int @requiresScopes(scopes: [["a"]]) }` },
    ],
  ],
  '@policy': [
    ['names no policies', 'INVALID_GRAPHQL', { a: 'type Query { x: Int @policy }' }],
    [
      'is missing on a field that requires a protected one',
      'MISSING_TRANSITIVE_AUTH_REQUIREMENTS',
      twoOf('x: Int @policy(policies: [["a"]])', 'x: Int @external y: Int @requires(fields: "x")'),
    ],
  ],
  '@context': [
    [
      'has an underscore in its name',
      'CONTEXT_NAME_INVALID',
      { a: `${query} type T @context(name: "a_b") { x: Int }` },
    ],
  ],
  '@fromContext': [
    [
      'names a context that nothing sets',
      'CONTEXT_NOT_SET',
      { a: `${query} ${entity('x(y: Int @fromContext(field: "$c { z }")): Int')}` },
    ],
    ['names no context', 'NO_CONTEXT_IN_SELECTION', { a: contextual('z') }],
    [
      'selects a field that the context does not have',
      'CONTEXT_INVALID_SELECTION',
      { a: contextual('$c { no }') },
    ],
    [
      'stands in a type that cannot be asked again',
      'CONTEXT_NO_RESOLVABLE_KEY',
      { a: contextual('$c { z }', '') },
    ],
  ],
  '@cost': [
    ['has no weight', 'INVALID_GRAPHQL', { a: 'type Query { x: Int @cost }' }],
    [
      'stands on the field of an interface',
      'COST_APPLIED_TO_INTERFACE_FIELD',
      { a: `${query} interface I { x: Int @cost(weight: 3) }` },
    ],
  ],
  '@listSize': [
    [
      'stands on what is no list',
      'LIST_SIZE_APPLIED_TO_NON_LIST',
      { a: 'type Query { x: Int @listSize(assumedSize: 3) }' },
    ],
    [
      'assumes fewer than none',
      'LIST_SIZE_INVALID_ASSUMED_SIZE',
      { a: 'type Query { x: [Int] @listSize(assumedSize: -3) }' },
    ],
    [
      'slices by a text',
      'LIST_SIZE_INVALID_SLICING_ARGUMENT',
      { a: 'type Query { x(y: String): [Int] @listSize(slicingArguments: ["y"]) }' },
    ],
    [
      'sizes a field that is not there',
      'LIST_SIZE_INVALID_SIZED_FIELD',
      { a: 'type Query { t: T @listSize(assumedSize: 5, sizedFields: ["no"]) } type T { x: [Int] }' },
    ],
  ],
  '@deprecated': [
    ['stands on a required argument', 'INVALID_GRAPHQL', { a: 'type Query { x(y: Int! @deprecated): Int }' }],
    ['stands on a type', 'INVALID_GRAPHQL', { a: `${query} type T @deprecated { x: Int }` }],
  ],
};

/** A field of U that takes an argument from T by `selection`. */
function contextual(selection: string, key = '@key(fields: "id")'): string {
  return `type Query { t: T } type T @context(name: "c") { z: Int u: U }
    type U ${key} { id: ID! x(y: Int @fromContext(field: "${selection}")): Int }`;
}

describe.each(Object.entries(wrongUses))('%s is refused when it', (_, uses) => {
  it.each(uses)('%s: %s', (_use, code, schemas) => {
    expect(errorCodesOf(schemas)).toContain(code);
  });
});
