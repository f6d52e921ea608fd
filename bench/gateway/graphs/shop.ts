import { links, textOf, type Graph } from './graph.ts';

interface User {
  readonly __typename: 'User';
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly reviews: Review[];
}
interface Product {
  readonly __typename: 'Product';
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
  readonly reviews: Review[];
}
interface Review {
  readonly __typename: 'Review';
  readonly id: string;
  readonly body: string;
  readonly author: User;
  readonly product: Product;
}

const userNames = [
  'Ada Lovelace',
  'Alan Turing',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Tony Hoare',
];
const productNames = ['Table', 'Couch', 'Glass', 'Chair', 'TV', 'Lamp', 'Grill', 'Fridge', 'Sofa'];

const users = userNames.map((name, index): User => ({
  __typename: 'User',
  id: String(index + 1),
  name,
  username: name.toLowerCase().replace(' ', ''),
  reviews: [],
}));
const products = productNames.map((name, index): Product => ({
  __typename: 'Product',
  upc: String(index + 1),
  name,
  price: 15 + index * 400,
  weight: 20 + index * 150,
  inStock: index % 3 !== 2,
  reviews: [],
}));

/** Which products each user has reviewed, by position. */
const reviewed = [
  [0, 1, 2, 3, 6, 7],
  [0, 1, 2, 6, 8],
  [0, 1, 2],
  [0, 2],
  [0, 1],
  [0, 1, 2],
];

const pairs = reviewed.flatMap((subjects, user) => subjects.map((product) => [user, product] as const));
for (const [index, [user, product]] of pairs.entries()) {
  const author = users[user] as User;
  const subject = products[product] as Product;
  const review: Review = {
    __typename: 'Review',
    id: String(index + 1),
    body: textOf(index, 6),
    author,
    product: subject,
  };
  author.reviews.push(review);
  subject.reviews.push(review);
}

const userOf = ({ id }: Readonly<Record<string, unknown>>) => users.find((user) => user.id === id);
const productOf = ({ upc }: Readonly<Record<string, unknown>>) =>
  products.find((product) => product.upc === upc);

/** What is heavy costs extra, unless it was expensive anyway: takes what only another subgraph knows. */
const shippingEstimate = ({ price, weight }: Product) => (price > 1000 ? 0 : Math.round(weight / 2));

/** The four subgraphs that federated gateways are usually compared over: accounts, inventory, products, reviews. */
export const shop: Graph = {
  name: 'shop',
  subgraphs: [
    {
      name: 'accounts',
      sdl: `${links('@key', '@shareable')}
        type Query { me: User user(id: ID!): User users: [User] }
        type User @key(fields: "id") { id: ID! name: String username: String @shareable }
      `,
      resolvers: {
        Query: { me: () => users[0], user: (_root, args) => userOf(args), users: () => users },
      },
      entities: { User: userOf },
    },
    {
      name: 'inventory',
      sdl: `${links('@key', '@external', '@requires')}
        type Product @key(fields: "upc") {
          upc: String!
          weight: Int @external
          price: Int @external
          inStock: Boolean
          shippingEstimate: Int @requires(fields: "price weight")
        }
      `,
      resolvers: { Product: { shippingEstimate: (product) => shippingEstimate(product as Product) } },
      // What a field requires has to come with the representation.
      entities: {
        Product: (representation) => {
          const { price, weight } = representation;
          return { ...productOf(representation), price, weight };
        },
      },
    },
    {
      name: 'products',
      sdl: `${links('@key')}
        type Query { topProducts(first: Int = 5): [Product] }
        type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
      `,
      resolvers: {
        Query: { topProducts: (_root, { first }: { readonly first?: number }) => products.slice(0, first) },
      },
      entities: { Product: productOf },
    },
    {
      name: 'reviews',
      sdl: `${links('@key', '@external', '@provides')}
        type Review @key(fields: "id") {
          id: ID!
          body: String
          author: User @provides(fields: "username")
          product: Product
        }
        type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
        type Product @key(fields: "upc") { upc: String! reviews: [Review] }
      `,
      entities: { User: userOf, Product: productOf },
    },
  ],
};
