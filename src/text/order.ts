/** The order of names in a list, by the reader's language: `Row 2` before `Row 10`, ignoring case. */
export const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;
