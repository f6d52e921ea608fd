import { startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';

const link = `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.11"
      import: [
        "@authenticated", "@composeDirective", "@context", "@external", "@fromContext", "@interfaceObject", "@key"
        "@policy", "@requires", "@requiresScopes", "@shareable"
      ]
    )
    @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
    @composeDirective(name: "@personal")
  directive @personal on FIELD_DEFINITION | OBJECT
`;

/** What stands in every value that only some may see, by what they need: a test looks for it in whole answers. */
export const needs = {
  user: 'needs:user',
  badges: 'needs:badges',
  gold: 'needs:gold',
  guard: 'needs:guard',
} as const;

const user = (id: string, name: string) => ({
  __typename: 'User',
  id,
  name,
  email: `${name}@${needs.user}`,
  badge: `${name} ${needs.badges}`,
});
const [ada, grace] = [user('u1', 'Ada'), user('u2', 'Grace')];
const vault = { __typename: 'Vault', id: needs.user, gold: needs.gold, owner: ada };
const book = { __typename: 'Book', id: 'b1', title: 'Book', isbn: needs.user };
const film = { __typename: 'Film', id: 'f1', title: 'Film' };
const all = [ada, grace, vault, book, film];
const find = ({ id }: { readonly id: string }) => all.find((thing) => thing.id === id);

type Reference = { readonly id: string; readonly [field: string]: unknown };

/**
 * Subgraphs that guard nothing themselves, in a supergraph with every directive of protection: whatever a client gets
 * to see that it may not, the gateway let through.
 */
export const startGuardedSupergraph = (): Promise<MemorySupergraph> =>
  startMemorySupergraph([
    {
      name: 'accounts',
      typeDefs: `${link}
        type Query {
          user(id: ID!): User
          users: [User!]!
          node(id: ID!): Node
          nodes: [Node]!
          found: [Found]!
          vault: Vault
          vaults: [Vault!]
          media: [Media!]!
          report: Report!
          mine: User @personal
        }
        type Mutation {
          rename(id: ID!, name: String!): User
          burn(id: ID!): Boolean @requiresScopes(scopes: [["burn"], ["admin", "mutate"]])
          open(id: ID!): Vault
        }
        interface Node { id: ID! }
        interface Named { name: String }
        interface Media @key(fields: "id") { id: ID! title: String }
        union Found = User | Vault | Book
        type User implements Node & Named @key(fields: "id") @context(name: "user") {
          id: ID!
          name: String
          email: String @authenticated
          badge: String @requiresScopes(scopes: [["badges", "read"], ["admin"]])
          pass: String! @policy(policies: [["guard"]])
          friends: [User!]!
          greeting: Greeting
        }
        type Greeting @key(fields: "id") {
          id: ID!
          text(email: String @fromContext(field: "$user { email }")): String @authenticated
        }
        type Vault implements Node @authenticated { id: ID! gold: String @requiresScopes(scopes: [["gold"]]) owner: User }
        type Book implements Node & Media @key(fields: "id") { id: ID! title: String isbn: String @authenticated }
        type Film implements Node & Media @key(fields: "id") { id: ID! title: String }
        type Report { open: String! secret: String! @authenticated nested: Report }
      `,
      resolvers: {
        Query: {
          user: (_root: unknown, reference: Reference) => find(reference),
          users: () => [ada, grace],
          node: (_root: unknown, reference: Reference) => find(reference),
          nodes: () => all,
          found: () => [ada, vault, book],
          vault: () => vault,
          vaults: () => [vault, vault],
          media: () => [book, film],
          report: () => ({ nested: {} }),
          mine: () => ada,
        },
        Mutation: {
          rename: (_root: unknown, { id, name }: Reference) => ({ ...find({ id }), name }),
          burn: () => true,
          open: () => vault,
        },
        User: {
          __resolveReference: find,
          pass: () => needs.guard,
          friends: () => [ada, grace],
          greeting: ({ id }: Reference) => ({ id }),
        },
        Greeting: { text: (_greeting: unknown, { email }: { readonly email: string }) => `Hello ${email}` },
        Book: { __resolveReference: find },
        Film: { __resolveReference: find },
        Report: { open: () => 'open', secret: () => needs.user },
      },
    },
    {
      name: 'letters',
      typeDefs: `${link}
        type User @key(fields: "id") {
          id: ID!
          email: String @external
          badge: String @external
          address: String @requires(fields: "email") @authenticated
          seal: String @requires(fields: "email badge") @authenticated
            @requiresScopes(scopes: [["badges", "read"], ["admin"]])
        }
      `,
      resolvers: {
        User: {
          address: ({ email }: Reference) => `to ${String(email)}`,
          seal: ({ email, badge }: Reference) => `${String(email)} ${String(badge)}`,
        },
      },
    },
    {
      name: 'envelopes',
      typeDefs: `${link}
        type User @key(fields: "id") {
          id: ID!
          address: String @external
          envelope: String @requires(fields: "address") @authenticated
        }
      `,
      resolvers: { User: { envelope: ({ address }: Reference) => `envelope ${String(address)}` } },
    },
    {
      name: 'reviews',
      typeDefs: `${link}
        type Media @interfaceObject @key(fields: "id") {
          id: ID!
          stars: Int
          notes: String @authenticated
        }
      `,
      resolvers: { Media: { stars: () => 5, notes: () => needs.user } },
    },
  ]);
