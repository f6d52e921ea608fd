/**
 * Reads an option that names some of what there is: `--loads=big,small`.
 *
 * @param text all of them, when there is none
 * @throws {TypeError} for a name that nobody knows
 */
export function readList<Name extends string>(
  option: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (text === undefined) return known;
  return text.split(',').map((given) => {
    const name = known.find((each) => each === given);
    if (name === undefined) {
      throw new TypeError(`Expected ${option} to be some of ${known.join(',')}, but got "${given}"`);
    }
    return name;
  });
}
