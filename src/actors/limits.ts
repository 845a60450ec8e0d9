/** The limits of the domain. They stand in `docs/configuration.md`, and a test compares them. */
export const limits = {
  /** Streams of a circle that are not deleted; beyond: `too-many`. */
  streamsPerCircleMax: 500,
  /** Invites of a circle that are not revoked, used up or expired; beyond: `too-many`. */
  invitesPerCircleMax: 1000,
  /** Circles that a person may be in; beyond: `too-many`. */
  circlesPerUserMax: 200,
  /** Sessions of a person; the one used least lately ends when another is opened. */
  sessionsPerUserMax: 100,
  /** Emojis with which people have reacted to one message; another one beyond: `too-many`. */
  reactionKindsMax: 20,
  /** Pinned messages of a stream; beyond: `too-many`. */
  pinsMax: 250,
  /** Ids of messages that a stream's state keeps at least; older ones are looked up. As many as a commit has events. */
  recentMessagesMin: 512,
  /** Reactions set or removed last that a stream's state keeps at least, likewise. */
  recentReactionsMin: 512,
  /** An id of a message that is so far ahead of the server's clock, in ms, is remembered for itself; so many in a stream. */
  idAheadMs: 300_000,
  idsAheadMax: 1000,
  /** Commits of a stream that are read to look an old message up while the read models are away; beyond: `unavailable`. */
  lookUpCommitsMax: 20_000,
  /** Keys of commands that an aggregate's state keeps. */
  recentKeysMax: 512,
  /** Commands that wait for one aggregate; beyond: `unavailable`. */
  inboxMax: 4096,
  /**
   * Actors of circles, users or names of which the log holds nothing. Ids that clients make up cost no more than these,
   * and one that is asked for again takes as long as one that exists.
   */
  vacantActorsMax: 32,
  /** How long a command, or a question to an actor, waits for its answer, in ms; beyond: `unavailable`. */
  answerMs: 4000,
  /** How long a claim on a name may stand without an account. */
  claimMs: 60_000,
} as const;
