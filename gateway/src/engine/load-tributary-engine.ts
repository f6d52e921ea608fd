import { apiSchema } from '@tributary/planning/api-schema';
import { startPlanner } from '@tributary/planning/planner';

import { createEngine } from './create-engine.ts';
import type { LoadEngine } from './engine.ts';

/** The compiled engine (docs/decisions/0013): plans in threads, and turns each plan into a program once. */
export const loadTributaryEngine: LoadEngine = async (supergraph, { planning, logger, ...parts }) => {
  const schema = apiSchema(supergraph.sdl, { includeDefer: true });
  const planner = await startPlanner(supergraph.sdl, {
    ...planning,
    // Ready means that nothing heavy is still to be started, except for a developer, who waits for the start.
    ...(!parts.isDevelopment && { othersAfterMs: 0 }),
    onThreadLost: (error) => logger.warn({ err: error }, 'a planning thread was lost and is replaced'),
  });
  try {
    return createEngine(supergraph, { ...parts, schema, planner });
  } catch (error: unknown) {
    await planner.stop();
    throw error;
  }
};
