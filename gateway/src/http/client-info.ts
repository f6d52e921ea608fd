import type { IncomingMessage } from 'node:http';

/** What a client says of itself, and where it seems to come from; nothing of it is believed. */
export interface ClientInfo {
  readonly ip: string | undefined;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly userAgent: string | undefined;
}

/**
 * Who calls, for logs and limits.
 *
 * @param trustedProxies how many proxies of ours stand before the gateway: each adds the address that it was called from
 * at the right of `X-Forwarded-For`, and what stands further left is the client's own invention
 */
export const clientInfoOf = (
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustedProxies = 0,
): ClientInfo => ({
  ip: forwardedIp(headers['x-forwarded-for'], trustedProxies) ?? socket.remoteAddress,
  userAgent: headers['user-agent'],
  name: oneOf(headers['apollographql-client-name'] ?? headers['graphql-client-name']),
  version: oneOf(headers['apollographql-client-version'] ?? headers['graphql-client-version']),
});

function forwardedIp(header: string | readonly string[] | undefined, trustedProxies: number) {
  if (trustedProxies === 0 || header === undefined) return undefined;
  return String(header).split(',').at(-trustedProxies)?.trim();
}

const oneOf = (header: string | readonly string[] | undefined): string | undefined =>
  header === undefined ? undefined : String(header);

/**
 * What one caller is to a limit. Whoever has one address of IPv6 has a network of 2^64 of them.
 *
 * @example networkOf('2001:db8:1:2:3::4') // '2001:db8:1:2'
 */
export function networkOf(ip = ''): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after].slice(0, 4).join(':');
}
