import type * as CompositionModule from '@apollo/composition';

import { loadCorrected } from './load-corrected.ts';

/**
 * To see whether everything can be asked for, the composer goes through all types, and through none again that it came
 * to by the same subgraphs before. It took it for the same when the first time something was there by `@provides` only:
 * then it composed what nobody can plan.
 */
const validation = loadCorrected('@apollo/composition/dist/validate.js', {
  replacements: [
    {
      original: 'const tailTypeName = pathInfo.path.path.tail.type.name;',
      corrected:
        'const { type: { name }, provideId } = pathInfo.path.path.tail; const tailTypeName = `${name}#${provideId ?? ""}`;',
    },
  ],
});

/** The composer, corrected in a copy of its own. */
export const { compose } = loadCorrected('@apollo/composition/dist/compose.js', {
  modules: { './validate': validation },
}) as Pick<typeof CompositionModule, 'compose'>;
