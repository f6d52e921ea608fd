/** What a caller can tell from the exit code; `rover` and `dev` pass on the code of what they started. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2 } as const;
