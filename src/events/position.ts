/** A position in the log: a partition and a sequence number, which grows and may skip; 0 is before the first commit. */
export type Position = { readonly partition: number; readonly seq: number };

/** A position as text, `<partition>:<seq>`: in headers, in audit entries, on the command line. */
export const formatPosition = ({ partition, seq }: Position): string => `${partition}:${seq}`;

/** Parses `<partition>:<seq>`; undefined if malformed, or if the log has no such partition. */
export const parsePosition = (
  text: string,
  partitions = Number.POSITIVE_INFINITY,
): Position | undefined => {
  const parts = /^(\d{1,4}):(\d{1,16})$/.exec(text);
  const partition = Number(parts?.[1]);
  return parts && partition < partitions ? { partition, seq: Number(parts[2]) } : undefined;
};
