import type { IncomingMessage } from 'node:http';

import { expect, it } from 'vitest';

import { clientInfoOf, networkOf } from './client-info.ts';

const request = (headers: IncomingMessage['headers']) =>
  ({ headers, socket: { remoteAddress: '10.0.0.9' } }) as unknown as IncomingMessage;

it('believes no header about the address of a client, but those of our own proxies', () => {
  const forwarded = request({ 'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.7' });
  expect(clientInfoOf(forwarded).ip).toBe('10.0.0.9');
  expect(clientInfoOf(forwarded, 1).ip).toBe('10.0.0.7');
  expect(clientInfoOf(forwarded, 2).ip).toBe('1.2.3.4');
  expect(clientInfoOf(request({}), 2).ip).toBe('10.0.0.9');
});

it.each([
  ['1.2.3.4', '1.2.3.4'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['2001:db8:1:2:3::4', '2001:db8:1:2'],
  ['2001:db8:1:2:ffff:1:2:3', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('takes %s for %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});
