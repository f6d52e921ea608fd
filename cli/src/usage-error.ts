/** Wrong arguments: the message says what was expected and what came, the dispatcher adds the usage line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
