import { transport } from './transport.ts';
import { statuses } from './statuses.ts';
import { bodies } from './bodies.ts';
import { joinedEntities } from './joined-entities.ts';
import { shapes } from './shapes.ts';
import { errorShapes } from './error-shapes.ts';
import { values } from './values.ts';
import { entityAnswers } from './entities.ts';
import type { HostileAnswer } from './hostile-answer.ts';

/** All that a subgraph may send instead of an answer. */
export const hostileAnswers: readonly HostileAnswer[] = [
  ...transport,
  ...statuses,
  ...bodies,
  ...shapes,
  ...errorShapes,
  ...values,
  ...entityAnswers,
  ...joinedEntities,
];
