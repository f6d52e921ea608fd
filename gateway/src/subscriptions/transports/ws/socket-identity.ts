import type { IncomingHttpHeaders } from 'node:http';

import { Unauthenticated } from '../../../errors/gateway-errors.ts';
import { pickForwarded } from '../../../http/forwarded-headers.ts';
import type { TokenVerifier } from '../../../identity/create-token-verifier.ts';
import type { Principal } from '../../../identity/principal.ts';
import { authorizationOf } from './authorization-of.ts';

export interface SocketIdentityOptions {
  readonly verifyToken: TokenVerifier;
  /** Names of the headers that go on to subgraphs. */
  readonly forwardedHeaders: readonly string[];
}

type Payload = Readonly<Record<string, unknown>> | null | undefined;

/** Who is at the other end of a socket, and what of its headers goes on to subgraphs. */
export class SocketIdentity {
  readonly #options: SocketIdentityOptions;
  readonly #authorization: string | undefined;
  #principal: Principal | undefined;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(headers: IncomingHttpHeaders, options: SocketIdentityOptions) {
    this.#options = options;
    this.#authorization = headers.authorization;
    this.#headers = pickForwarded(headers, options.forwardedHeaders);
  }

  /** `undefined` until it was {@link establish}ed. */
  get principal(): Principal | undefined {
    return this.#principal;
  }

  get headers(): Readonly<Record<string, string>> | undefined {
    return this.#headers;
  }

  /** What a client is told, so that it can renew its token in time: `{}` for one without a token. */
  get expiry(): { readonly expiresAt?: number } {
    const { expiresAt } = this.#principal ?? {};
    return expiresAt === undefined ? {} : { expiresAt };
  }

  /**
   * Reads who the client says that it is: in its first message, or in the header of the request that became the socket.
   *
   * @throws {CodedError} UNAUTHENTICATED, or SERVICE_UNAVAILABLE when nobody can tell
   */
  async establish(payload: Payload): Promise<Principal> {
    const authorization = authorizationOf(payload ?? {}) ?? this.#authorization;
    const principal = await this.#options.verifyToken(authorization);
    // A browser cannot set headers for a socket, so what it says first stands for them.
    this.#readHeaders({ ...stringsOf(payload ?? {}), ...(authorization !== undefined && { authorization }) });
    this.#principal = principal;
    return principal;
  }

  /**
   * Takes a new token of the user who is here already.
   *
   * @throws {CodedError} for one that is wrong or another user's: the old one then holds until it ends
   */
  async renew(authorization: string): Promise<Principal> {
    const principal = await this.#options.verifyToken(authorization);
    if (principal.sub !== this.#principal?.sub) {
      throw new Unauthenticated('The token is of another user: open a connection of its own for it');
    }
    this.#readHeaders({ authorization });
    this.#principal = principal;
    return principal;
  }

  #readHeaders(values: Readonly<Record<string, string>>): void {
    const forwarded = pickForwarded(values, this.#options.forwardedHeaders);
    if (forwarded) this.#headers = { ...this.#headers, ...forwarded };
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
