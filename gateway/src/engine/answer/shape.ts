import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLOutputType,
} from 'graphql';

import type { Leaf } from './leaf.ts';
import type { Defer } from './selection.ts';

/** How a value is answered: nothing is left to look up in a document or schema. */
export type ValueShape = {
  /** Without the outermost `!`. */
  readonly type: GraphQLOutputType;
  readonly isNonNull: boolean;
} & (
  | { readonly kind: 'list'; readonly item: ValueShape }
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'object'; readonly place: ObjectPlace }
);

/** One response key of an object. */
export type FieldShape = {
  readonly responseKey: string;
  /** The response key as it is written: `"name":`. */
  readonly keyText: string;
  readonly dataKey: string;
  /** `Type.field`, for messages. */
  readonly coordinate: string;
  readonly nodes: readonly FieldNode[];
} & (
  | { readonly kind: 'typename'; readonly typeName: string }
  /** `__schema` or `__type`, which graphql-js answers. */
  | { readonly kind: 'introspection' }
  | { readonly kind: 'refused'; readonly isNonNull: boolean }
  | { readonly kind: 'value'; readonly value: ValueShape }
);

/** What an object of one type answers, in this order. */
export interface ObjectShape {
  readonly type: GraphQLObjectType | GraphQLInterfaceType;
  readonly fields: readonly FieldShape[];
  /** What is delivered later of it; empty unless the shape was built to defer. */
  readonly deferred: readonly DeferredShape[];
}

/** A fragment that is delivered later, for an object of one type. */
export interface DeferredShape {
  readonly defer: Defer;
  readonly shape: ObjectShape;
}

/** Where objects stand. */
export interface ObjectPlace {
  readonly type: GraphQLCompositeType;
  /** The names of the types that may stand here. */
  readonly typeNames: readonly string[];
  /** The same, those together whose objects have equal answers: of hundreds of types an operation tells few apart. */
  alike(): readonly (readonly string[])[];
  /** The shape of an object with this `__typename`; asked for at object types too, where any name will do. */
  shapeOf(typeName: unknown): ObjectShape | 'refused' | 'unknown';
}
