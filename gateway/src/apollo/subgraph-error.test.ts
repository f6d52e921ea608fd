import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';

import { SubgraphTimeout } from '../errors/gateway-errors.ts';
import { relayError } from '../errors/relay-error.ts';
import { asTheSubgraphSaid } from './subgraph-error.ts';

const relayed = (extensions?: Record<string, unknown>) =>
  relayError({ message: 'No more seats', path: ['book'], ...(extensions && { extensions }) }, 'trips');

describe('an error of a subgraph', () => {
  it('says what the subgraph said, with its code and all that came along', () => {
    expect(asTheSubgraphSaid(relayed({ code: 'SOLD_OUT', seats: 0 })).toJSON()).toEqual({
      message: 'No more seats',
      path: ['book'],
      extensions: { code: 'SOLD_OUT', seats: 0, serviceName: 'trips' },
    });
  });

  it('has a code where the subgraph gave none', () => {
    expect(asTheSubgraphSaid(relayed()).extensions).toEqual({
      code: 'DOWNSTREAM_SERVICE_ERROR',
      serviceName: 'trips',
    });
  });

  it('cannot say that another subgraph failed, nor with which status we answer', () => {
    const { extensions } = asTheSubgraphSaid(relayed({ serviceName: 'users', http: { status: 418 } }));
    expect(extensions).toEqual({ code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'trips' });
  });
});

it('leaves errors of our own alone', () => {
  const timeout = new SubgraphTimeout('trips', 800);
  const failed = new GraphQLError(timeout.message, {
    originalError: timeout,
    extensions: { ...timeout.extensions, serviceName: 'trips' },
  });
  for (const error of [failed, timeout, new GraphQLError('Unauthorized field or type')]) {
    expect(asTheSubgraphSaid(error)).toBe(error);
  }
});
