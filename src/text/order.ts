/** The order of names in a list, as the reader's language has it: `Row 2` before `Row 10`, whatever their case. */
export const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;
