import { expect, it } from 'vitest';

import { chooseOverrideLabels } from './choose-override-labels.ts';

const none = () => false;

it('turns a percentage on for that share of requests', () => {
  expect(chooseOverrideLabels(['percent(25)'], none, () => 0.2499)).toEqual(['percent(25)']);
  expect(chooseOverrideLabels(['percent(25)'], none, () => 0.25)).toEqual([]);
  expect(chooseOverrideLabels(['percent(0)', 'percent(100)'], none, () => 0)).toEqual(['percent(100)']);
  expect(chooseOverrideLabels(['percent(100)'], none, () => 0.999_999)).toEqual(['percent(100)']);
});

it('turns any other label on where it was asked for', () => {
  expect(chooseOverrideLabels(['beta', 'gamma'], (label) => label === 'beta')).toEqual(['beta']);
});
