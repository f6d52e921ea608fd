import type { Fetcher } from './fetcher.ts';

interface User {
  id: string;
  username: string;
  name: string;
  reviews?: readonly Review[];
}
interface Product {
  inStock: boolean;
  name: string;
  price: number;
  shippingEstimate: number;
  upc: string;
  weight: number;
  reviews?: readonly Review[];
}
interface Review {
  id: string;
  body: string;
  author?: User;
  product?: Product;
}

type Priced = Pick<Product, 'upc' | 'name' | 'price' | 'weight'>;
type Stocked = Pick<Product, 'inStock' | 'shippingEstimate'>;
type Entities<Entity> = { readonly _entities: readonly Entity[] };

const usersBody = JSON.stringify({ query: '{ users { id username name } }' });
const topProductsBody = JSON.stringify({ query: '{ topProducts { upc name price weight } }' });

const reviewsOfAuthor = 'author { id username reviews { id body product { upc } } }';
const reviewsQuery = `query ($u: [_Any!]!, $p: [_Any!]!) {
  users: _entities(representations: $u) {
    ... on User { reviews { id body product { upc reviews { id body ${reviewsOfAuthor} } } } }
  }
  products: _entities(representations: $p) { ... on Product { reviews { id body ${reviewsOfAuthor} } } }
}`;
const pricesQuery =
  'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { upc name price weight } } }';
const namesQuery = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id name } } }';
const stockQuery =
  'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { inStock shippingEstimate } } }';

/** Six fetches in four steps, each entity asked for once; most of the work is in the reviews and the answer. */
export async function answerBig(fetch: Fetcher): Promise<object> {
  const [{ users }, { topProducts }] = await Promise.all([
    fetch<{ users: readonly User[] }>('accounts', usersBody),
    fetch<{ topProducts: readonly Priced[] }>('products', topProductsBody),
  ]);
  const reviews = await fetch<{ users: readonly User[]; products: readonly Product[] }>(
    'reviews',
    JSON.stringify({
      query: reviewsQuery,
      variables: {
        u: users.map(({ id }) => ({ __typename: 'User', id })),
        p: topProducts.map(({ upc }) => ({ __typename: 'Product', upc })),
      },
    }),
  );
  const names = new Map(users.map(({ id, name }) => [id, name]));
  const products = await fetchProducts(fetch, topProducts, reviews, names);
  return {
    users: users.map((user, index) => ({
      ...user,
      reviews: reviews.users[index]?.reviews?.map((review) => ({
        id: review.id,
        body: review.body,
        product: withReviews(review.product as Product, products, names),
      })),
    })),
    topProducts: topProducts.map(({ upc }, index) =>
      withReviews({ upc, reviews: reviews.products[index]?.reviews ?? [] } as Product, products, names),
    ),
  };
}

/** Everything of every product that the reviews name, and the names of authors that are not known yet. */
async function fetchProducts(
  fetch: Fetcher,
  known: readonly Priced[],
  reviews: { readonly users: readonly User[]; readonly products: readonly Product[] },
  names: Map<string, string>,
): Promise<ReadonlyMap<string, Product>> {
  const upcs = new Set<string>();
  const authors = new Set<string>();
  const visit = (found: readonly Review[] = []): void => {
    for (const { product, author } of found) {
      if (product) {
        upcs.add(product.upc);
        visit(product.reviews);
      }
      if (author) {
        if (!names.has(author.id)) authors.add(author.id);
        visit(author.reviews);
      }
    }
  };
  for (const owner of [...reviews.users, ...reviews.products]) visit(owner.reviews);
  const missing = [...upcs].filter((upc) => !known.some((product) => product.upc === upc));
  const [priced] = await Promise.all([fetchPrices(fetch, missing), fetchNames(fetch, [...authors], names)]);
  const all = [...known, ...priced];
  const { _entities: stocked } = await fetch<Entities<Stocked>>(
    'inventory',
    JSON.stringify({
      query: stockQuery,
      variables: {
        r: all.map(({ upc, price, weight }) => ({ __typename: 'Product', upc, price, weight })),
      },
    }),
  );
  return new Map(all.map((product, index) => [product.upc, { ...stocked[index], ...product } as Product]));
}

async function fetchPrices(fetch: Fetcher, upcs: readonly string[]): Promise<readonly Priced[]> {
  if (upcs.length === 0) return [];
  const r = upcs.map((upc) => ({ __typename: 'Product', upc }));
  const { _entities } = await fetch<Entities<Priced>>(
    'products',
    JSON.stringify({ query: pricesQuery, variables: { r } }),
  );
  return _entities;
}

async function fetchNames(fetch: Fetcher, ids: readonly string[], names: Map<string, string>): Promise<void> {
  if (ids.length === 0) return;
  const r = ids.map((id) => ({ __typename: 'User', id }));
  const { _entities } = await fetch<Entities<User>>(
    'accounts',
    JSON.stringify({ query: namesQuery, variables: { r } }),
  );
  for (const { id, name } of _entities) names.set(id, name);
}

type Products = ReadonlyMap<string, Product>;
type Names = ReadonlyMap<string, string>;

const withReviews = ({ upc, reviews = [] }: Product, products: Products, names: Names): Product => ({
  ...(products.get(upc) as Product),
  reviews: reviews.map(({ id, body, author }) => ({
    id,
    body,
    author: withProducts(author as User, products, names),
  })),
});

const withProducts = ({ id, username, reviews = [] }: User, products: Products, names: Names): User => ({
  id,
  username,
  name: names.get(id) ?? '',
  reviews: reviews.map((review) => ({
    id: review.id,
    body: review.body,
    product: products.get(review.product?.upc ?? '') as Product,
  })),
});
