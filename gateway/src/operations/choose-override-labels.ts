/** Says which labels of `@override` are on for a request. */
export type IsLabelOn = (label: string) => boolean;

/**
 * Chooses the labels that are on for one request: `percent(12.5)` for that share of requests, any other where it was
 * turned on.
 *
 * @example chooseOverrideLabels(['percent(100)', 'beta'], (label) => label === 'beta') // ['percent(100)', 'beta']
 * @param random gives a number from 0 to below 1
 */
export const chooseOverrideLabels = (
  labels: readonly string[],
  isOn: IsLabelOn,
  random: () => number = Math.random,
): readonly string[] =>
  labels.length === 0
    ? labels
    : labels.filter((label) => {
        const percent = /^percent\((\d{1,2}(?:\.\d{1,8})?|100)\)$/.exec(label)?.[1];
        return percent === undefined ? isOn(label) : random() * 100 < Number(percent);
      });
