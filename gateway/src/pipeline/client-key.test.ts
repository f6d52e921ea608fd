import { expect, it } from 'vitest';

import { anonymous } from '../identity/principal.ts';
import { quietCall } from '../subscriptions/prepare-operation.ts';
import { clientKeyOf } from './client-key.ts';
import type { Exchange, RemoteCall } from './stages.ts';

const call = quietCall('r1', new AbortController().signal);
const request = { headers: { 'x-forwarded-for': '203.0.113.7' }, socket: { remoteAddress: '10.0.0.9' } };
const exchange = { ...call, request } as unknown as Exchange;

it('is the user, wherever they call from', () => {
  expect(clientKeyOf({ principal: { ...anonymous, sub: 'ada' }, call: exchange })).toBe('user ada');
});

it('is the network of who has no token, also behind proxies of ours and by other transports', () => {
  expect(clientKeyOf({ principal: anonymous, call: exchange })).toBe('from 10.0.0.9');
  expect(clientKeyOf({ principal: anonymous, call: exchange }, 1)).toBe('from 203.0.113.7');
  const client = { ip: '2001:db8:1:2:3::4', name: undefined, version: undefined, userAgent: undefined };
  const remote: RemoteCall = { ...call, client };
  expect(clientKeyOf({ principal: anonymous, call: remote })).toBe('from 2001:db8:1:2');
});

it('is nothing for a call of the gateway itself', () => {
  expect(clientKeyOf({ principal: anonymous, call })).toBe('');
});
