import { clientInfoOf, networkOf } from '../http/client-info.ts';
import type { Call, Exchange, Identified, RemoteCall } from './stages.ts';

/**
 * What a client is to what clients share fairly: a user wherever they call from, or else the network of the address.
 *
 * @example clientKeyOf({ principal: anonymous, call }) // 'from 2001:db8:1:2'
 */
export function clientKeyOf(
  { principal, call }: Pick<Identified, 'principal' | 'call'>,
  trustedProxies = 0,
): string {
  if (principal.sub !== undefined) return `user ${principal.sub}`;
  const ip = ipOf(call, trustedProxies);
  // A call of the gateway's own.
  return ip === undefined ? '' : `from ${networkOf(ip)}`;
}

function ipOf(call: Call, trustedProxies: number): string | undefined {
  if (isExchange(call)) return clientInfoOf(call.request, trustedProxies).ip;
  return isRemote(call) ? call.client.ip : undefined;
}

const isExchange = (call: Call): call is Exchange => 'request' in call;

const isRemote = (call: Call): call is RemoteCall => 'client' in call;
