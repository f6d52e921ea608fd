import { argumentOf, typesOf } from '@tributary/directives';
import {
  Kind,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type OperationTypeNode,
  type TypeNode,
} from 'graphql';

import { memoize } from './memoize.ts';

/** What a supergraph says about one field in one of its subgraphs: an application of `@join__field`. */
export interface FieldJoin {
  /** In the enum `join__Graph`; absent for a field that an interface object brings. */
  readonly graph: string | undefined;
  readonly isExternal: boolean;
  /** The field set of `@requires`. */
  readonly requires: string | undefined;
  /** What `@fromContext` selects of which context. */
  readonly fromContexts: readonly { readonly context: string; readonly selection: string }[];
}

/** What a supergraph says about one type in one of its subgraphs: an application of `@join__type`. */
export interface TypeJoin {
  readonly graph: string;
  readonly key: string | undefined;
  readonly isResolvable: boolean;
  readonly isInterfaceObject: boolean;
}

/** A field of an object or an interface. */
export interface FieldFacts {
  readonly type: string;
  readonly name: string;
  /** The type beneath lists and `!`. */
  readonly returns: string;
  /** Empty when every subgraph that has the type resolves the field. */
  readonly joins: readonly FieldJoin[];
}

interface TypeFacts {
  readonly isObject: boolean;
  readonly fields: Map<string, FieldFacts>;
  readonly interfaces: Set<string>;
  readonly members: Set<string>;
  readonly joins: TypeJoin[];
}

/** The types of a supergraph and how they hang together; hidden ones are part of it. */
export class TypeGraph {
  readonly #types = new Map<string, TypeFacts>();
  readonly #roots = new Map<string, string>([
    ['query', 'Query'],
    ['mutation', 'Mutation'],
    ['subscription', 'Subscription'],
  ]);

  constructor(supergraph: DocumentNode) {
    for (const node of typesOf(supergraph)) this.#add(node);
    for (const definition of supergraph.definitions) {
      if (definition.kind !== Kind.SCHEMA_DEFINITION) continue;
      for (const { operation, type } of definition.operationTypes)
        this.#roots.set(operation, type.name.value);
    }
  }

  rootOf(operation: OperationTypeNode): string {
    return this.#roots.get(operation) ?? '';
  }

  /** The names of all types that have fields. */
  composites(): readonly string[] {
    return [...this.#types].flatMap(([name, { fields }]) => (fields.size > 0 ? [name] : []));
  }

  has(type: string): boolean {
    return this.#types.has(type);
  }

  isObject(type: string): boolean {
    return this.#types.get(type)?.isObject ?? false;
  }

  field(type: string, name: string): FieldFacts | undefined {
    return this.#types.get(type)?.fields.get(name);
  }

  fieldsOf(type: string): readonly FieldFacts[] {
    return [...(this.#types.get(type)?.fields.values() ?? [])];
  }

  /** All interfaces of an object or an interface: GraphQL makes types name those of their interfaces too. */
  interfacesOf(type: string): readonly string[] {
    return [...(this.#types.get(type)?.interfaces ?? [])];
  }

  joinsOf(type: string): readonly TypeJoin[] {
    return this.#types.get(type)?.joins ?? [];
  }

  /** The object types that a value of a type may have; of an object itself; none of a scalar. */
  readonly possibleTypes = memoize((type: string): readonly string[] => {
    const facts = this.#types.get(type);
    if (!facts) return [];
    if (facts.isObject) return [type];
    if (facts.members.size > 0) return [...facts.members];
    return [...this.#types].flatMap(([name, { isObject, interfaces }]) =>
      isObject && interfaces.has(type) ? [name] : [],
    );
  });

  #add(node: ReturnType<typeof typesOf>[number]): void {
    const name = node.name.value;
    const facts = this.#types.get(name) ?? {
      isObject: node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION,
      fields: new Map<string, FieldFacts>(),
      interfaces: new Set<string>(),
      members: new Set<string>(),
      joins: [],
    };
    this.#types.set(name, facts);
    facts.joins.push(...named(node.directives, 'join__type').map(readTypeJoin));
    if ('interfaces' in node)
      for (const parent of node.interfaces ?? []) facts.interfaces.add(parent.name.value);
    if ('types' in node) for (const member of node.types ?? []) facts.members.add(member.name.value);
    if (!hasOutputFields(node)) return;
    for (const field of node.fields ?? []) facts.fields.set(field.name.value, readField(name, field));
  }
}

const hasOutputFields = (
  node: ReturnType<typeof typesOf>[number],
): node is Extract<typeof node, { readonly interfaces?: unknown }> =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION ||
  node.kind === Kind.OBJECT_TYPE_EXTENSION ||
  node.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  node.kind === Kind.INTERFACE_TYPE_EXTENSION;

const readField = (type: string, { name, type: returned, directives }: FieldDefinitionNode): FieldFacts => ({
  type,
  name: name.value,
  returns: namedType(returned),
  joins: named(directives, 'join__field').map(readFieldJoin),
});

const readFieldJoin = (join: ConstDirectiveNode): FieldJoin => ({
  graph: argumentOf(join, 'graph') as string | undefined,
  isExternal: argumentOf(join, 'external') === true,
  requires: argumentOf(join, 'requires') as string | undefined,
  fromContexts: (argumentOf(join, 'contextArguments') ?? []) as FieldJoin['fromContexts'],
});

const readTypeJoin = (join: ConstDirectiveNode): TypeJoin => ({
  graph: argumentOf(join, 'graph') as string,
  key: argumentOf(join, 'key') as string | undefined,
  isResolvable: argumentOf(join, 'resolvable') !== false,
  isInterfaceObject: argumentOf(join, 'isInterfaceObject') === true,
});

const named = (
  directives: readonly ConstDirectiveNode[] = [],
  wanted: string,
): readonly ConstDirectiveNode[] => directives.filter(({ name }) => name.value === wanted);

const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
