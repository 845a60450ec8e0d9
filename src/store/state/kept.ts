import { answers } from './answers.ts';
import { desiredStates } from './desired-states.ts';
import { markers } from './markers.ts';
import { sessionUses } from './session-uses.ts';

/** The state that a backup contains. Other state is derived from the log again, or belongs to one process. */
export const keptCollections = [markers, answers, sessionUses, desiredStates] as const;
