/**
 * Ten ports in a row of this process, for a system that is told where its ports begin: below those that the operating
 * system gives away, so that nobody gets one meanwhile, and apart from those of other test files and of a developer.
 */
export const portBase = 10_000 + (process.pid % 2200) * 10;
