import type { RawAnswer } from '../start-raw-subgraph.ts';

/** The limit of the gateway that the table runs against. */
export const maxResponseBytes = 100_000;

/** Stands in all that a hostile subgraph says and that no client may read. */
export const secret = 'SELECT password FROM accounts';

/** What the subgraph owns, and what it answers when it is well. */
export const goodProfile = {
  name: 'Ada',
  age: 36,
  score: 1.5,
  isAdmin: true,
  role: 'ADMIN',
  tags: ['a', 'b'],
  home: { city: 'London' },
  friends: [{ name: 'Grace' }],
  pet: { __typename: 'Cat', lives: 9 },
  extra: { any: ['thing'] },
};
export const goodEntities = [
  { __typename: 'Product', price: 10, maker: { name: 'Acme' } },
  { __typename: 'Product', price: 20, maker: null },
];

const path = (text: string) => text.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** The place and code of an error; without a place for one that belongs nowhere. */
export type ExpectedError = readonly [path: readonly (string | number)[] | undefined, code: string];

export const at = (place: string, code: string): ExpectedError => [path(place), code];

/** One answer of the table, and what a client gets of it. */
export interface HostileAnswer {
  readonly what: string;
  /** Which query meets it: for a field at the top, for two entities, or for those and two others at once. */
  readonly asks: 'profile' | 'products' | 'pair';
  readonly sends: RawAnswer;
  /** What stands in the data for the field that was asked for; for a pair, the two fields. */
  readonly gives: unknown;
  readonly errors: readonly ExpectedError[];
  /** Requests that the subgraph gets. @default 1 */
  readonly requests?: number;
  /** How stock differs, which is then not asked. */
  readonly stock?: string;
}

export type Options = Partial<Pick<HostileAnswer, 'gives' | 'errors' | 'requests' | 'stock'>>;

const allOf = {
  profile: ['profile'],
  products: ['products.0.maker', 'products.0.price', 'products.1.maker', 'products.1.price'],
  pair: ['products.0.price', 'products.1.price', 'users.0.karma', 'users.1.karma'],
};
const failed = {
  profile: null,
  products: [
    { id: 'p1', price: null, maker: null },
    { id: 'p2', price: null, maker: null },
  ],
  pair: {
    products: [
      { id: 'p1', price: null },
      { id: 'p2', price: null },
    ],
    users: [
      { id: 'u1', karma: null },
      { id: 'u2', karma: null },
    ],
  },
};

/** An answer of which nothing can be used. */
export const unusable = (
  what: string,
  sends: RawAnswer,
  {
    asks = 'profile',
    code = 'SUBGRAPH_UNAVAILABLE',
    ...requests
  }: { asks?: HostileAnswer['asks']; code?: string; requests?: number } = {},
): HostileAnswer => ({
  what,
  asks,
  sends,
  gives: failed[asks],
  errors: allOf[asks].map((place) => at(place, code)),
  ...requests,
});

/** Nothing came that looks like an answer, so the query is sent again. */
export const twice = { requests: 2 };

/** An answer that is good enough: what it gives is the good profile unless something else is said. */
export const served = (what: string, sends: RawAnswer, options: Options = {}): HostileAnswer => ({
  what,
  asks: 'profile',
  sends,
  gives: goodProfile,
  errors: [],
  ...options,
});

/** The code of an error whose own code may not go on. */
export const relayed = 'DOWNSTREAM_SERVICE_ERROR';
