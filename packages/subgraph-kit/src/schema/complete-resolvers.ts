import type { GraphQLScalarType } from 'graphql';

type FunctionOf<Field> = Extract<NonNullable<Field>, (...call: never[]) => unknown>;
type ResultOf<Field> = Awaited<ReturnType<FunctionOf<Field>>>;
type ParentOf<Fields> = {
  [Name in keyof Fields]-?: Parameters<FunctionOf<Fields[Name]>>[0];
}[keyof Fields];

/** What is not a field: `__isTypeOf`, `__resolveType` and `__resolveReference` stay as generated. */
type Special = `__${string}`;

/** True when the row that stands for a type already holds the field, with a value that the schema takes. */
type IsOnParent<Name, Parent, Field> = [Parent] extends [never]
  ? false
  : Name extends keyof Parent
    ? NullForUndefined<Parent[Name]> extends ResultOf<Field>
      ? true
      : false
    : false;

/** graphql-js takes an absent value for null. */
type NullForUndefined<Value> = Value extends undefined ? null : Value;

type CompleteFields<Fields, Parent> = {
  [
    Name in keyof Fields as Name extends Special
      ? never
      : IsOnParent<Name, Parent, Fields[Name]> extends true
        ? never
        : Name
  ]-?: NonNullable<Fields[Name]>;
} & {
  [
    Name in keyof Fields as Name extends Special
      ? Name
      : IsOnParent<Name, Parent, Fields[Name]> extends true
        ? Name
        : never
  ]?: Fields[Name];
};

type NamesOfFields<Fields> = Exclude<keyof Fields, Special>;

/**
 * Generated resolvers in which a field may be left out only if the value that stands for its parent has it, with a
 * type that fits: a schema field that nothing answers is a compile error.
 *
 * @example export const resolvers: CompleteResolvers<Resolvers> = { … };
 */
export type CompleteResolvers<Resolvers> = {
  [
    Type in Exclude<keyof Resolvers, 'Subscription'> as RequiredType<
      NonNullable<Resolvers[Type]>
    > extends true
      ? Type
      : never
  ]-?: CompleteType<NonNullable<Resolvers[Type]>>;
} & {
  [
    Type in Exclude<keyof Resolvers, 'Subscription'> as RequiredType<
      NonNullable<Resolvers[Type]>
    > extends true
      ? never
      : Type
  ]?: CompleteType<NonNullable<Resolvers[Type]>>;
} & Partial<Pick<Resolvers, Extract<keyof Resolvers, 'Subscription'>>>;

type CompleteType<Fields> = CompleteFields<Fields, ParentOf<Pick<Fields, NamesOfFields<Fields>>>>;

/**
 * A type must be given when one of its fields must be. Of subscriptions nothing is known here: those that events feed
 * need no resolver, and a start refuses others that have none.
 */
type RequiredType<Fields> = Fields extends GraphQLScalarType
  ? false
  : RequiredFields<Fields, ParentOf<Pick<Fields, NamesOfFields<Fields>>>> extends never
    ? false
    : true;

type RequiredFields<Fields, Parent> = {
  [Name in NamesOfFields<Fields>]-?: IsOnParent<Name, Parent, Fields[Name]> extends true ? never : Name;
}[NamesOfFields<Fields>];
