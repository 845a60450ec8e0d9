import { circleQueries, circles } from './models/circles.ts';
import { membershipQueries, memberships } from './models/memberships.ts';
import { messageQueries, messages } from './models/messages.ts';
import { nameQueries, names } from './models/names.ts';
import { sessionQueries, sessions } from './models/sessions.ts';
import { streamQueries, streams } from './models/streams.ts';
import { userQueries, users } from './models/users.ts';
import type { CollectionSpec, Projection } from './projection.ts';
import { answerState, answers } from './state/answers.ts';
import { markerState, markers } from './state/markers.ts';
import { reactionProgress } from './state/progress.ts';
import { sessionUseState, sessionUses } from './state/session-uses.ts';
import { snapshots } from './state/snapshots.ts';
import type { ReadStore } from './store.ts';

/** The projections that Oshi itself reads from. */
export const builtIn: readonly Projection[] = [
  users,
  names,
  sessions,
  circles,
  memberships,
  streams,
  messages,
];

/** The collections of state, which no event can bring back. */
export const stateCollections: readonly CollectionSpec[] = [
  markers,
  answers,
  sessionUses,
  reactionProgress,
  snapshots,
];

/** Everything that can be asked of the read models and of the state beside them. */
export const readModels = (store: ReadStore) => ({
  users: userQueries(store),
  names: nameQueries(store),
  sessions: sessionQueries(store),
  circles: circleQueries(store),
  memberships: membershipQueries(store),
  streams: streamQueries(store),
  messages: messageQueries(store),
  markers: markerState(store),
  answers: answerState(store),
  sessionUses: sessionUseState(store),
});

export type ReadModels = ReturnType<typeof readModels>;
