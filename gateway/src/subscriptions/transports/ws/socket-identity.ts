import type { IncomingHttpHeaders } from 'node:http';

import { Unauthenticated } from '../../../errors/gateway-errors.ts';
import { pickForwarded } from '../../../http/forwarded-headers.ts';
import { withoutCredentials } from '../../../http/without-credentials.ts';
import type { CallerVerifier } from '../../../identity/caller-verifier.ts';
import type { RenewedCaller } from '../../operation-request.ts';
import { authorizationOf } from './authorization-of.ts';

export interface SocketIdentityOptions {
  readonly verifyToken: CallerVerifier;
  /** Names of the headers that go on to subgraphs. */
  readonly forwardedHeaders: readonly string[];
}

const none: IncomingHttpHeaders = Object.freeze({});

type Payload = Readonly<Record<string, unknown>> | null | undefined;

/** Who is at the other end of a socket, and what of its headers goes on to subgraphs. */
export class SocketIdentity {
  readonly #options: SocketIdentityOptions;
  /** Those of the request that became the socket, until it is known who that is. */
  #upgrade: IncomingHttpHeaders;
  #headers: Readonly<Record<string, string>> | undefined;
  #caller: RenewedCaller | undefined;
  #renewals = 0;
  #renewed = 0;

  constructor(headers: IncomingHttpHeaders, options: SocketIdentityOptions) {
    this.#options = options;
    this.#upgrade = headers;
    this.#headers = pickForwarded(headers, options.forwardedHeaders);
  }

  /** `undefined` until it was {@link establish}ed; the same object until it is {@link renew}ed. */
  get caller(): RenewedCaller | undefined {
    return this.#caller;
  }

  /** What a client is told, so that it can renew its token in time: `{}` for one without a token. */
  get expiry(): { readonly expiresAt?: number } {
    const { expiresAt } = this.#caller?.principal ?? {};
    return expiresAt === undefined ? {} : { expiresAt };
  }

  /**
   * Reads who the client says that it is: in its first message, or in the header of the request that became the socket.
   *
   * @throws {CodedError} UNAUTHENTICATED, or SERVICE_UNAVAILABLE when nobody can tell
   */
  async establish(payload: Payload): Promise<RenewedCaller> {
    const headers = this.#upgrade;
    this.#upgrade = none;
    const authorization = authorizationOf(payload ?? {}) ?? headers.authorization;
    const principal = await this.#options.verifyToken(authorization, { headers, payload });
    // A browser cannot set headers for a socket, so what it says first stands for them.
    const forwardedHeaders = this.#headersWith(payload, authorization);
    this.#caller = { principal, forwardedHeaders };
    return this.#caller;
  }

  /**
   * Takes a new token of the user who is here already. Other headers stay as they are where the message says nothing of
   * them, but those that say who asks: subgraphs would see an identity of before beside the new one.
   *
   * @returns who it is now: of several tokens the last that was sent, whichever is verified first
   * @throws {CodedError} for one that is wrong or another user's: the old one then holds until it ends
   */
  async renew(authorization: string, payload: Payload): Promise<RenewedCaller> {
    this.#renewals += 1;
    const turn = this.#renewals;
    const principal = await this.#options.verifyToken(authorization, { headers: none, payload });
    const known = this.#caller;
    if (!known || principal.sub !== known.principal.sub) {
      throw new Unauthenticated('The token is of another user: open a connection of its own for it');
    }
    if (turn < this.#renewed) return known;
    this.#renewed = turn;
    this.#headers = withoutCredentials(this.#headers ?? {});
    this.#caller = { principal, forwardedHeaders: this.#headersWith(payload, authorization) };
    return this.#caller;
  }

  #headersWith(payload: Payload, authorization: string | undefined) {
    const said = { ...stringsOf(payload ?? {}), ...(authorization !== undefined && { authorization }) };
    this.#headers = pickForwarded({ ...this.#headers, ...said }, this.#options.forwardedHeaders);
    return this.#headers;
  }
}

// What could end a header stays out of one.
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const stringsOf = (payload: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]) =>
      typeof value === 'string' && headerValue.test(value) ? [[name.toLowerCase(), value]] : [],
    ),
  );
