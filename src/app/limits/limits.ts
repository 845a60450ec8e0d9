/** The limits of the wire, documented in `docs/configuration.md`, which a test compares. */
export const limits = {
  /** A frame from a client, in bytes; beyond: close 4413. */
  frameBytesMax: 65_536,
  /** Pieces of a message: frames, and parts of frames that arrive separately; beyond: close 4413. */
  piecesMax: 256,
  /**
   * `hello` in bytes, and the frames (control frames too) or pieces before it is complete; beyond: close 4413 or 4400.
   */
  helloBytesMax: 8192,
  helloFramesMax: 32,
  /** Connections that are not logged in: per client address, per IPv6 /48, in total; the oldest is closed. */
  newcomersPerClientMax: 100,
  newcomersPerSiteMax: 400,
  newcomersMax: 2000,
  /** HTTP connections without a request; the oldest is closed. */
  quietSocketsMax: 5000,
  /** Time for the headers of a request, in ms. */
  headersMs: 10_000,
  /** The body of a request, in bytes; beyond: `too-large`. */
  bodyBytesMax: 65_536,
  /** A page of messages and the users in it, in bytes, so that both fit into a frame. */
  pageBytesMax: 760_000,
  peopleBytesMax: 250_000,
  /** Nesting of JSON; beyond: `bad-request`. */
  depthMax: 32,
  /** Subscriptions of a connection; beyond: `too-many`. */
  subscriptionsMax: 500,
  /** Unanswered requests of a connection; beyond, the server stops reading for a while. */
  unansweredMax: 32,
  /** Commands of a user over all connections and HTTP: burst and rate. */
  commandsBurst: 30,
  commandsPerSecond: 6,
  /**
   * Commands in flight on a node; beyond: `unavailable`. While they are answered later than `overloadMs`, after the time
   * of the log, fewer may be, down to `inFlightMin`; a refused one may be sent again after `overloadRetryMs` ± 50 %.
   */
  inFlightMax: 2000,
  inFlightMin: 1000,
  overloadMs: 250,
  logLagMs: 1000,
  overloadRetryMs: 1000,
  /** How long a connection is not read after such a refusal, in ms. */
  refusedPauseMs: 500,
  /** As many `rate-limited` answers within the window close a connection with 4529. */
  refusalsMax: 100,
  refusalsWindowMs: 10_000,
  /** Frames of a connection: burst and rate; beyond, the server stops reading for a while. */
  framesBurst: 600,
  framesPerSecond: 100,
  /** Bytes of a connection: burst and rate; beyond, the server stops reading for a while. */
  bytesBurst: 1_048_576,
  bytesPerSecond: 262_144,
  /**
   * After a close: how long data that was under way may still arrive, how much of it is read, and when the socket is
   * destroyed.
   */
  closingGraceMs: 500,
  discardedBytesMax: 1_048_576,
  closingMs: 2000,
  /** The cost of a user's reads in ms of work: burst and rate; beyond, they wait. */
  readBurstMs: 3000,
  readMsPerSecond: 200,
  /** Waiting reads of a user; beyond: `rate-limited`. */
  readsWaitingMax: 128,
  readRetryMs: 1000,
  /** How long the requests after a read wait for it, so that answers stay in order while nothing is slow, in ms. */
  readHeadStartMs: 100,
  /** Rows that are read before other work has a turn. */
  readRowsAtOnce: 50,
  /** Signals of a connection per second; beyond: dropped. */
  signalsPerSecond: 5,
  /** How long `typing` is valid, in ms. */
  typingMs: 8000,
  /** `typing` of a member in a stream: burst and rate; beyond: dropped. */
  typingPerMemberBurst: 5,
  typingPerMemberPerSecond: 1,
  /** `typing` of all members of a stream together: burst and rate; beyond: dropped. */
  typingBurst: 20,
  typingPerSecond: 10,
  /** Minimum interval of `activity` of a stream, in ms. */
  activityMs: 1000,
  /** Bytes in the send buffer of a socket above which `activity` is dropped. */
  activityWaitingBytesMax: 65_536,
  /** Interval of `presence`, and how long a user may be disconnected without notice, in ms. */
  presenceMs: 2000,
  /** Users in one `presence`; the others follow in the next. */
  presenceChangesMax: 500,
  /** Users in the presence of a circle over HTTP. */
  presencePageMax: 1000,
  /** Unread messages and mentions are counted up to this. */
  unreadMax: 100,
  /**
   * Circles that are read together; and the streams with something unread, or circles read, after which a page ends.
   */
  unreadCirclesAtOnce: 20,
  unreadPageMin: 2000,
  unreadCirclesMax: 1000,
  /** Logins and registrations of a client address: burst, and one per `loginEveryMs`. */
  loginsBurst: 10,
  loginEveryMs: 6000,
  /**
   * The factor by which the addresses of an IPv6 /48 together may do more than one client address: logins, requests.
   */
  siteFactor: 10,
  /** Wrong passwords for a username from one client address or known device; beyond: `rate-limited` there. */
  loginFailuresBurst: 20,
  loginFailureEveryMs: 60_000,
  /** Wrong passwords for a username in total; beyond, attempts from unknown devices and addresses are delayed. */
  nameFailuresBurst: 100,
  nameFailureEveryMs: 36_000,
  /** The delay in ms, and how many are delayed at once; beyond, the one delayed longest continues. */
  loginDelayMs: 5000,
  loginsDelayedMax: 1000,
  /** How long a device and a client address are known after a login, in ms; and how many addresses. */
  deviceMs: 365 * 86_400_000,
  knownAddressMs: 30 * 86_400_000,
  knownAddressesMax: 100_000,
  /** Concurrent hashes, each of which takes a core and 19 MiB for some tens of milliseconds. */
  hashesMax: 2,
  /** Waiting hashes, in total and per client; and after how many ms a refused client may retry. */
  hashesWaitingMax: 500,
  hashesWaitingPerClientMax: 20,
  hashRetryMs: 2000,
  /** HTTP requests of a client address per minute, also as a burst; beyond: `rate-limited`. */
  requestsPerMinute: 6000,
  /** Waiting requests, in total and per client; and after how many ms a refused client may retry. */
  requestsWaitingMax: 4000,
  requestsWaitingPerClientMax: 1000,
  requestRetryMs: 1000,
  /**
   * How long the refusal of a client beyond its rate is delayed, in ms, and how many are; beyond, the first continues.
   */
  refusalMs: 1000,
  refusalsHeldMax: 1000,
  /** Keys of each rate limit; beyond, the least recently used starts anew. */
  ratesMax: 100_000,
  /** Connections of a user; the oldest is closed with 4409. */
  connectionsPerUserMax: 20,
  /** Rows of a page. */
  pageMax: 200,
  pageDefault: 50,
  /** Events that a resumed subscription may have missed; beyond: `reset` with `too-far`. */
  missedEventsMax: 1000,
  /** Concurrent exports of audit trails, in total and per user; beyond: `rate-limited`. */
  exportsMax: 8,
  exportsPerUserMax: 1,
  exportRetryMs: 5000,
  /** Time for `hello`, in ms. */
  helloMs: 10_000,
  /** Interval of pings, and how long the server waits for a sign of life, in ms. */
  pingMs: 25_000,
  pongMs: 10_000,
  /** How long a client may accept no data while some is waiting, in ms: on a WebSocket, and for an HTTP response. */
  stalledMs: 30_000,
  /** Bytes in the send buffer of a socket above which its subscriptions fall back to the log. */
  waitingBytesMax: 262_144,
  /** Mentioned names in a text. */
  mentionsMax: 50,
  /** An emoji, in bytes of UTF-8. */
  emojiBytesMax: 32,
  usernameMax: 32,
  /** How long a session lasts after its last use, in ms. */
  sessionMs: 30 * 86_400_000,
  /** Renewal interval of the cookie of an active session, in ms. */
  cookieMs: 86_400_000,
  /** How long a key makes a command repeatable, and how far its time may be ahead, in ms. */
  keyMs: 86_400_000,
  keyAheadMs: 300_000,
  /** How long a request waits until the read models have applied what its session has seen, in ms. */
  appliedMs: 2000,
  /** How long it waits until they have applied what others on this node were answered, in ms. */
  othersMs: 250,
  /** A member's own data in a circle, in bytes of JSON. */
  memberDataBytesMax: 4096,
  /** Default validity of an invite, in ms. */
  inviteMs: 7 * 86_400_000,
} as const;
