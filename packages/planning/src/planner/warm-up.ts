import { createPlanBuilder } from './create-plan-builder.ts';

/** Enough for the functions that every planning goes through to be compiled. */
const rounds = 8;

const operations = [
  '{ posts { title } }',
  '{ posts { title author { name posts { title } } } }',
  'query($id: ID!) { post(id: $id) { ... on Post { title } author { id name } } }',
];

/**
 * Plans some operations of a supergraph of its own for nothing, so that the planner's code is compiled before the
 * first operation that somebody waits for, which takes ten times longer without. Operations of the real supergraph
 * would do as well, but the simplest one may be a hard one there.
 */
export function warmUp(): void {
  const buildPlan = createPlanBuilder(supergraphSdl);
  for (let round = 0; round < rounds; round += 1) {
    for (const document of operations) buildPlan({ document, overrideLabels: [] });
  }
}

const supergraphSdl = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) {
  query: Query
}
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar join__DirectiveArguments
scalar join__FieldSet
scalar join__FieldValue
enum join__Graph {
  POSTS @join__graph(name: "posts", url: "")
  USERS @join__graph(name: "users", url: "")
}
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
type Query @join__type(graph: POSTS) @join__type(graph: USERS) {
  post(id: ID!): Post @join__field(graph: POSTS)
  posts: [Post] @join__field(graph: POSTS)
}
type Post @join__type(graph: POSTS, key: "id") @join__type(graph: USERS, key: "id") {
  id: ID!
  title: String @join__field(graph: POSTS) @join__field(graph: USERS, external: true)
  author: User @join__field(graph: USERS, requires: "title")
}
type User @join__type(graph: POSTS, key: "id") @join__type(graph: USERS, key: "id") {
  id: ID!
  name: String @join__field(graph: USERS)
  posts: [Post] @join__field(graph: POSTS)
}
`;
