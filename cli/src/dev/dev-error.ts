/** A start that cannot go on, for a reason the user can do something about; `message` says what. */
export class DevError extends Error {
  override readonly name = 'DevError';
}
