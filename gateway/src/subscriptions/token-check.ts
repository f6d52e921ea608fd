import type { Logger } from '@tributary/telemetry';

import { Unauthenticated } from '../errors/gateway-errors.ts';
import type { FormattedError } from '../errors/format-error.ts';
import type { Principal } from '../identity/principal.ts';
import type { SecurityNote } from './groups/group-host.ts';
import type { Subscriber } from './subscriber.ts';

export interface TokenCheckOptions {
  readonly logger: Logger;
  readonly isRevoked: ((principal: Principal) => boolean) | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  format(error: unknown): readonly FormattedError[];
}

const sentences = {
  'token expired': 'The token has expired: sign in again',
  'token revoked': 'The token is no longer valid: sign in again',
} as const;

/** Looks at tokens for as long as subscriptions are open: what was valid in the beginning need not be later. */
export class TokenCheck {
  readonly #options: TokenCheckOptions;

  constructor(options: TokenCheckOptions) {
    this.#options = options;
  }

  isValid(principal: Principal): boolean {
    return this.#findReason(principal) === undefined;
  }

  /**
   * Ends a subscription whose token counts no more.
   *
   * @param event what it does not get any more
   * @returns whether it did
   */
  endInvalid(subscriber: Subscriber, event?: { readonly id: string; readonly channel: string }): boolean {
    const { principal } = subscriber;
    const reason = this.#findReason(principal);
    if (!reason) return false;
    const { id, channel } = event ?? {};
    this.note({ reason, user: principal.sub, subscribers: 1, event: id, channel });
    subscriber.fail(this.#options.format(new Unauthenticated(sentences[reason])));
    return true;
  }

  /** Writes a line for those who watch over who sees what. */
  note(note: SecurityNote): void {
    this.#options.logger.warn(
      { security: true, ...note },
      'a subscriber did not get an event, or no more of them',
    );
  }

  #findReason(principal: Principal): keyof typeof sentences | undefined {
    const { isRevoked, now } = this.#options;
    const { expiresAt } = principal;
    if (expiresAt !== undefined && expiresAt * 1000 <= now()) return 'token expired';
    return isRevoked?.(principal) ? 'token revoked' : undefined;
  }
}
