import { httpAnswer, type RawAnswer } from '../start-raw-subgraph.ts';
import {
  at,
  relayed,
  secret,
  served,
  twice,
  unusable,
  type HostileAnswer,
  type Options,
} from './hostile-answer.ts';
import { http, status } from './raw-answers.ts';

type Names = readonly [products: string, users: string];

/** Answers a request for two lists of entities at once, by the names that the request gives them. */
const joined =
  (answerFor: (names: Names) => object): RawAnswer =>
  (socket, body) => {
    const [products = '_entities', users = '_entities'] = [...body.matchAll(/(\w+):_entities/g)].map(
      ([, name]) => name,
    );
    // Which list is asked for first is the engine's business; the types say which is which.
    const isSwapped = body.indexOf('on User') < body.indexOf('on Product');
    const names: Names = isSwapped ? [users, products] : [products, users];
    socket.write(httpAnswer(JSON.stringify(answerFor(names))));
  };

const prices = [{ price: 10 }, { price: 20 }];
const karmas = [{ karma: 1 }, { karma: 2 }];
const products = [
  { id: 'p1', price: 10 },
  { id: 'p2', price: 20 },
];
const users = [
  { id: 'u1', karma: 1 },
  { id: 'u2', karma: 2 },
];
const noPrices = products.map(({ id }) => ({ id, price: null }));
const noKarmas = users.map(({ id }) => ({ id, karma: null }));
const stock = 'sends two requests';

const pair = (what: string, sends: RawAnswer, options: Options): HostileAnswer => ({
  ...served(what, sends, { gives: { products, users }, stock, ...options }),
  asks: 'pair',
});

const lost = ['users.0.karma', 'users.1.karma'].map((place) => at(place, 'SUBGRAPH_UNAVAILABLE'));
const halves = { gives: { products, users: noKarmas }, errors: lost };
const error = { message: secret };

/** Answers to fetches that were joined: what is wrong with one of them leaves the other alone. */
export const joinedEntities: readonly HostileAnswer[] = [
  pair(
    'two lists of entities, as they should be',
    joined(([p, u]) => ({ data: { [p]: prices, [u]: karmas } })),
    {},
  ),
  ...(
    [
      ['none', undefined],
      ['null', null],
      ['an object', {}],
      ['a text', secret],
      ['too few', [{ karma: 1 }]],
      ['too many', [...karmas, { karma: 3 }]],
      ['texts', [secret, secret]],
    ] as const
  ).map(([what, list]) =>
    pair(
      `two lists of entities, the second of which is ${what}`,
      joined(([p, u]) => ({ data: { [p]: prices, [u]: list } })),
      halves,
    ),
  ),
  pair(
    'two lists of entities and an error of one of the second',
    joined(([p, u]) => ({
      data: { [p]: prices, [u]: [null, { karma: 2 }] },
      errors: [{ ...error, path: [u, 0] }],
    })),
    {
      gives: { products, users: [{ id: 'u1', karma: null }, users[1]] },
      errors: [at('users.0.karma', relayed)],
    },
  ),
  pair(
    'two lists of entities and an error of the second as a whole',
    joined(([p, u]) => ({ data: { [p]: prices, [u]: null }, errors: [{ ...error, path: [u] }] })),
    {
      gives: { products, users: noKarmas },
      errors: ['users.0.karma', 'users.1.karma'].map((place) => at(place, relayed)),
    },
  ),
  pair(
    'nothing for two lists because one of them failed, and each when it is asked for alone',
    joined(([p, u]) =>
      p === u
        ? { data: { [p]: null }, errors: [error] }
        : { data: null, errors: [{ ...error, path: [u, 0] }] },
    ),
    {
      gives: { products: noPrices, users: noKarmas },
      errors: ['products.0.price', 'products.1.price', 'users.0.karma', 'users.1.karma'].map((place) =>
        at(place, relayed),
      ),
      requests: 3,
    },
  ),
  {
    ...unusable('an error page for two lists', status('502 Bad Gateway', secret, 'text/html'), {
      asks: 'pair',
      ...twice,
    }),
    stock,
  },
  { ...unusable('half a JSON document for two lists', http('{"data":{"e0":['), { asks: 'pair' }), stock },
];
