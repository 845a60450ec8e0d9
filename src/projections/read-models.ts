import type { CollectionSpec } from '../store/documents.ts';
import { answerState, answers } from '../store/state/answers.ts';
import { checkpoints } from '../store/state/checkpoints.ts';
import { desiredStates } from '../store/state/desired-states.ts';
import { heads } from '../store/state/heads.ts';
import { markerState, markers } from '../store/state/markers.ts';
import { reactionProgress } from '../store/state/progress.ts';
import { runs } from '../store/state/runs.ts';
import { sessionUseState, sessionUses } from '../store/state/session-uses.ts';
import { snapshots } from '../store/state/snapshots.ts';
import type { ReadStore } from '../store/store.ts';
import { backlogQueries } from './models/backlog.ts';
import { circleQueries, circles } from './models/circles.ts';
import { directory, directoryQueries } from './models/directory.ts';
import { editQueries, edits } from './models/edits.ts';
import { inviteQueries, invites } from './models/invites.ts';
import { involvementQueries, involvements } from './models/involvements.ts';
import { membershipQueries, memberships } from './models/memberships.ts';
import { mentionQueries, mentions } from './models/mentions.ts';
import { messageQueries, messages } from './models/messages.ts';
import { nameQueries, names } from './models/names.ts';
import { pinQueries, pins } from './models/pins.ts';
import { reactionQueries, reactions } from './models/reactions.ts';
import { sessionQueries, sessions } from './models/sessions.ts';
import { streamQueries, streams } from './models/streams.ts';
import { trail } from './models/trail.ts';
import { trailQueries } from './models/trail-queries.ts';
import { userQueries, users } from './models/users.ts';
import type { Projection } from './projection.ts';

/** The projections that Oshi itself reads from. */
export const builtIn: readonly Projection[] = [
  users,
  names,
  sessions,
  circles,
  memberships,
  directory,
  invites,
  streams,
  messages,
  reactions,
  edits,
  pins,
  involvements,
  mentions,
  trail,
];

/** The collections of state, which cannot be restored from events. */
export const stateCollections: readonly CollectionSpec[] = [
  markers,
  answers,
  sessionUses,
  reactionProgress,
  snapshots,
  heads,
  checkpoints,
  runs,
  desiredStates,
];

/** All queries on the read models and on the state beside them. */
export const readModels = (store: ReadStore) => ({
  users: userQueries(store),
  names: nameQueries(store),
  sessions: sessionQueries(store),
  circles: circleQueries(store),
  memberships: membershipQueries(store),
  directory: directoryQueries(store),
  invites: inviteQueries(store),
  streams: streamQueries(store),
  messages: messageQueries(store),
  reactions: reactionQueries(store),
  edits: editQueries(store),
  pins: pinQueries(store),
  backlog: backlogQueries(store),
  involvements: involvementQueries(store),
  mentions: mentionQueries(store),
  trail: trailQueries(store),
  markers: markerState(store),
  answers: answerState(store),
  sessionUses: sessionUseState(store),
});

export type ReadModels = ReturnType<typeof readModels>;
