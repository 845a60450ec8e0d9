/** An address without the slashes at its end. */
export const withoutSlashes = (address: string): string => /^.*[^/]/s.exec(address)?.[0] ?? '';
