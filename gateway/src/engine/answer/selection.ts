import type {
  DirectiveNode,
  FieldNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLObjectType,
  NamedTypeNode,
  OperationDefinitionNode,
} from 'graphql';

/** A `@skip` or `@include` that depends on a variable; what is literally true or false is resolved already. */
export interface Condition {
  readonly variable: string;
  /** The value with which the selection counts: true for `@include`, false for `@skip`. */
  readonly wanted: boolean;
}

/** A fragment that may be delivered later. */
export interface Defer {
  /** The label that the planner sees: one for each `@defer` of the document, since a client need not give any. */
  readonly id: string;
  /** What the client calls it. */
  readonly label: string | undefined;
  /** The variable that decides; absent when the fragment is always deferred. */
  readonly variable: string | undefined;
}

interface Selected {
  readonly conditions: readonly Condition[];
  /** As they go to the planner: conditions on variables, `@defer` with our own label, and what is not ours. */
  readonly directives: readonly DirectiveNode[];
}

/** A field of the client's operation, with the key under which the data tree has its value. */
export interface FieldSelection extends Selected {
  readonly kind: 'field';
  readonly responseKey: string;
  readonly dataKey: string;
  readonly node: FieldNode;
  /** The type that the field was selected on, which may be abstract. */
  readonly parent: GraphQLCompositeType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Absent for leaves, and for `__schema` and `__type`, which graphql-js answers. */
  readonly selections: Selections | undefined;
}

/** An inline fragment, or a spread of a named one. */
export interface FragmentSelection extends Selected {
  readonly kind: 'fragment';
  /** Spreads of one named fragment share their selections, and count once for an object. */
  readonly name: string | undefined;
  /** The written type condition. */
  readonly on: NamedTypeNode | undefined;
  /** What is selected on; the parent's type when there is no condition. */
  readonly type: GraphQLCompositeType;
  readonly defer: Defer | undefined;
  readonly selections: Selections;
}

export type Selection = FieldSelection | FragmentSelection;

/** Known by identity: what is selected at a place is a list of these. */
export type Selections = readonly Selection[];

/** A client's operation, read once. */
export interface ReadOperation {
  readonly node: OperationDefinitionNode;
  readonly root: GraphQLObjectType;
  readonly selections: Selections;
  /** Names of the variables that decide about conditions. */
  readonly conditionVariables: readonly string[];
  /** Whether parts of the answer may be delivered later. */
  readonly mayDefer: boolean;
}
