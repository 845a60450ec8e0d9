/** The limits of the domain, listed in `docs/configuration.md`; a test compares them. */
export const limits = {
  /** Streams of a circle that are not deleted; beyond: `too-many`. */
  streamsPerCircleMax: 500,
  /** Invites of a circle that are not revoked, used up or expired; beyond: `too-many`. */
  invitesPerCircleMax: 1000,
  /** Circles that a user may be in; beyond: `too-many`. */
  circlesPerUserMax: 200,
  /** Sessions of a user; the least recently used one ends when another is opened. */
  sessionsPerUserMax: 100,
  /** Different emojis of the reactions to one message; another one beyond: `too-many`. */
  reactionKindsMax: 20,
  /** Pinned messages of a stream; beyond: `too-many`. */
  pinsMax: 250,
  /**
   * Ids of messages that a stream's state keeps at least; older ones are looked up. As many as a commit may have
   * events.
   */
  recentMessagesMin: 512,
  /** Reactions, the last changed first, that a stream's state keeps at least; likewise. */
  recentReactionsMin: 512,
  /**
   * Ids of messages whose time is this far ahead of the server's clock, in ms, are kept one by one; so many per
   * stream.
   */
  idAheadMs: 300_000,
  idsAheadMax: 1000,
  /**
   * Commits of a stream that are read to look up an old message while the read models are unavailable; beyond:
   * `unavailable`.
   */
  lookUpCommitsMax: 20_000,
  /** Keys of commands that an aggregate's state keeps. */
  recentKeysMax: 512,
  /** Commands that wait for one aggregate; beyond: `unavailable`. */
  inboxMax: 4096,
  /**
   * Actors of circles, users or names without events. Made-up ids cost no more than these, and one that is used again
   * takes as long as an existing one.
   */
  vacantActorsMax: 32,
  /** The time until a command to an actor, or a query, must be answered, in ms; beyond: `unavailable`. */
  answerMs: 4000,
  /** How long a name may be claimed without an account. */
  claimMs: 60_000,
} as const;
