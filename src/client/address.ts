/** An address without trailing slashes. */
export const withoutSlashes = (address: string): string => /^.*[^/]/s.exec(address)?.[0] ?? '';
