/** What was thrown, in a line. */
export const describeReason = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
