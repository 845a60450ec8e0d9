/**
 * Whether a server's version, such as `2.12.1` or `2.15.0-dev`, is at least `least`. A version that cannot be parsed
 * counts as too old.
 */
export const isAtLeast = (version: string, wanted: string): boolean => {
  const have = numbersOf(version);
  if (!have) return false;
  for (const [index, least] of (numbersOf(wanted) ?? []).entries()) {
    const part = have[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
};

const numbersOf = (version: string): readonly number[] | undefined =>
  /^v?(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
