import { shop } from './graphs/shop.ts';
import { social } from './graphs/social.ts';
import type { Load } from './load.ts';

export const loadNames = ['big', 'social', 'small'] as const;
export type LoadName = (typeof loadNames)[number];

/** Another operation name and another alias: no cache by text or by normalised text takes two of them for one. */
const alias = (variant: number, field: string): string =>
  variant === 0 ? field : `${field}_${variant}: ${field}`;
const operation = (variant: number, name: string): string => (variant === 0 ? name : `${name}_${variant}`);

export const loads: Readonly<Record<LoadName, Load>> = {
  big: {
    name: 'big',
    graph: shop,
    connections: 8,
    text: (variant) => `
      fragment User on User { id username ${alias(variant, 'name')} }
      fragment Review on Review { id body }
      fragment Product on Product { inStock name price shippingEstimate upc weight }
      query ${operation(variant, 'TestQuery')} {
        users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
        topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
      }`,
  },
  social: {
    name: 'social',
    graph: social,
    connections: 16,
    text: (variant) => `
      query ${operation(variant, 'Posts')} {
        posts(first: 10) {
          id ${alias(variant, 'title')} content
          author { id name username }
          comments(first: 5) { id body author { id name username } }
        }
      }`,
  },
  small: {
    name: 'small',
    graph: social,
    connections: 32,
    text: (variant) =>
      `query ${operation(variant, 'Post')} { post(id: "1") { id ${alias(variant, 'title')} } }`,
  },
};
