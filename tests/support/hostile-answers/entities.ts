import type { RawAnswer } from '../start-raw-subgraph.ts';
import { none } from './error-shapes.ts';
import {
  at,
  unusable,
  served,
  relayed,
  secret,
  goodEntities,
  type HostileAnswer,
  type Options,
} from './hostile-answer.ts';
import { json } from './raw-answers.ts';

const entities = (list: unknown, errors?: readonly object[]) =>
  json({ data: { _entities: list }, ...(errors && { errors }) });
const [first, second] = goodEntities;
const productsServed = (what: string, sends: RawAnswer, options: Options): HostileAnswer => ({
  ...served(what, sends, options),
  asks: 'products',
});
const products = [
  { id: 'p1', price: 10, maker: { name: 'Acme' } },
  { id: 'p2', price: 20, maker: null },
];
const [product, other] = products;
const nothing = { price: null, maker: null };

/** Answers about other entities than those that were asked about. */
export const entityAnswers: readonly HostileAnswer[] = [
  ...[
    ['no entities', json({ data: {} })],
    ['null for entities', entities(null)],
    ['an object for entities', entities({ 0: first, 1: second })],
    ['a text for entities', entities(secret)],
    ['too few entities', entities([first])],
    ['too many entities', entities([first, second, first])],
    ['an empty list of entities', entities([])],
    ['entities that are numbers', entities([1, 2])],
    ['entities that are texts', entities([secret, secret])],
    ['entities that are lists', entities([[first], [second]])],
    ['entities under another name', json({ data: { entities: goodEntities } })],
  ].map(([what, sends]) => unusable(what as string, sends as RawAnswer, { asks: 'products' })),
  productsServed('entities that are gone', entities([null, second]), {
    gives: [{ id: 'p1', ...nothing }, other],
  }),
  productsServed(
    'an error of one entity',
    entities([null, second], [{ message: 'no', path: ['_entities', 0] }]),
    {
      gives: [{ id: 'p1', ...nothing }, other],
      errors: [at('products.0.maker', relayed), at('products.0.price', relayed)],
    },
  ),
  productsServed(
    'an error of one field of an entity',
    entities([first, { ...second, price: null }], [{ message: 'no', path: ['_entities', 1, 'price'] }]),
    { gives: [product, { ...other, price: null }], errors: [at('products.1.price', relayed)] },
  ),
  productsServed(
    'an error of an entity that nobody asked about',
    entities(goodEntities, [{ message: 'no', path: ['_entities', 99, 'price'] }]),
    { gives: products, errors: [none] },
  ),
  productsServed(
    'an error of an entity with no number',
    entities(goodEntities, [{ message: 'no', path: ['_entities', '__proto__', 'price'] }]),
    { gives: products, errors: [none], stock: 'puts it at the list' },
  ),
  productsServed('an entity with a text for a number', entities([{ ...first, price: secret }, second]), {
    gives: [{ ...product, price: null }, other],
    errors: [at('products.0.price', relayed)],
  }),
  productsServed(
    'an entity that changes what another subgraph said',
    entities([{ ...first, id: 'p9' }, second]),
    {
      gives: products,
      stock: 'merges whatever comes',
    },
  ),
];
