const eventsPerCommitMax = 512;

/** A number that orders the events of a partition: that of the commit, times 512, plus the index in the commit. */
export const eventKey = (seq: number, index: number): number => seq * eventsPerCommitMax + index;

/** The sequence number of the commit that holds the event. */
export const seqOfEvent = (key: number): number => Math.floor(key / eventsPerCommitMax);

export const indexOfEvent = (key: number): number => key % eventsPerCommitMax;
