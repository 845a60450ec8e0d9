/** The limits of the wire. They stand in `docs/configuration.md`, and a test compares them. */
export const limits = {
  /** A frame from a client, in bytes; beyond: close 4413. */
  frameBytesMax: 65_536,
  /** Into how many pieces a message may be cut: frames, and parts of frames that arrive by themselves; beyond: 4413. */
  piecesMax: 256,
  /** `hello`, in bytes; and the frames, control frames too, or pieces until it is there; beyond: close 4413 or 4400. */
  helloBytesMax: 8192,
  helloFramesMax: 32,
  /** Connections that are not logged in yet: of a client's address, of an IPv6 /48, of all; the oldest is cut. */
  newcomersPerClientMax: 100,
  newcomersPerSiteMax: 400,
  newcomersMax: 2000,
  /** HTTP connections without a request; the oldest is cut. */
  quietSocketsMax: 5000,
  /** How long the headers of a request may take, in ms. */
  headersMs: 10_000,
  /** The body of a request, in bytes; beyond: `too-large`. */
  bodyBytesMax: 65_536,
  /** What a page of messages, and the people in it, may take, in bytes, so that both fit into a frame. */
  pageBytesMax: 760_000,
  peopleBytesMax: 250_000,
  /** How deep JSON may nest; beyond: `bad-request`. */
  depthMax: 32,
  /** Subscriptions of a connection; beyond: `too-many`. */
  subscriptionsMax: 500,
  /** Requests of a connection that are not answered yet; beyond, the server reads on later. */
  unansweredMax: 32,
  /** Commands of a user over all connections and HTTP: so many at once, and so many a second. */
  commandsBurst: 30,
  commandsPerSecond: 6,
  /** So many `rate-limited` within the window close a connection with 4529. */
  refusalsMax: 100,
  refusalsWindowMs: 10_000,
  /** Frames of a connection: so many at once, and so many a second; beyond, the server reads on later. */
  framesBurst: 600,
  framesPerSecond: 100,
  /** Bytes of a connection: so many at once, and so many a second; beyond, the server reads on later. */
  bytesBurst: 1_048_576,
  bytesPerSecond: 262_144,
  /** Behind a close: how long data may still arrive that was on its way, how much of it is read, and when all is cut. */
  closingGraceMs: 500,
  discardedBytesMax: 1_048_576,
  closingMs: 2000,
  /** What a user's reads may cost: ms of work at once, and a second; beyond, they wait. */
  readBurstMs: 3000,
  readMsPerSecond: 200,
  /** Reads of a user that wait for their turn; beyond: `rate-limited`. */
  readsWaitingMax: 128,
  readRetryMs: 1000,
  /** How long the requests behind a read wait for it, so that answers come in order while nothing is slow, in ms. */
  readHeadStartMs: 100,
  /** Rows that are read at once; then everybody else has their turn. */
  readRowsAtOnce: 50,
  /** Signals of a connection a second; beyond: dropped. */
  signalsPerSecond: 5,
  /** How long `typing` holds, in ms. */
  typingMs: 8000,
  /** `typing` of a member in a stream: so many at once, and so many a second; beyond: dropped. */
  typingPerMemberBurst: 5,
  typingPerMemberPerSecond: 1,
  /** `typing` of all members of a stream together: so many at once, and so many a second; beyond: dropped. */
  typingBurst: 20,
  typingPerSecond: 10,
  /** How often a stream's `activity` is told to those who do not follow it, in ms. */
  activityMs: 1000,
  /** Bytes that wait in a socket before it is told of no activity. */
  activityWaitingBytesMax: 65_536,
  /** How often a circle is told who came and went, and how long somebody may be gone without notice, in ms. */
  presenceMs: 2000,
  /** People whom one `presence` names; the others stand in the next. */
  presenceChangesMax: 500,
  /** People whom the presence of a circle names when it is asked for. */
  presencePageMax: 1000,
  /** Up to where unread messages and mentions are counted. */
  unreadMax: 100,
  /** Circles that are looked at together, and streams with something unread, or circles, after which a page ends. */
  unreadCirclesAtOnce: 20,
  unreadPageMin: 2000,
  unreadCirclesMax: 1000,
  /** Logins and registrations of a client address: so many at once, and one per `loginEveryMs`. */
  loginsBurst: 10,
  loginEveryMs: 6000,
  /** How many times as much as one client address the addresses of an IPv6 /48 may do together: logins, requests. */
  siteFactor: 10,
  /** Wrong passwords for a username from a client address, or on a known device; beyond: `rate-limited` there. */
  loginFailuresBurst: 20,
  loginFailureEveryMs: 60_000,
  /** Wrong passwords for a username from everywhere; beyond, attempts from unknown devices and addresses are delayed. */
  nameFailuresBurst: 100,
  nameFailureEveryMs: 36_000,
  /** How long they are delayed, in ms, and how many at once; beyond, the one delayed longest goes on. */
  loginDelayMs: 5000,
  loginsDelayedMax: 1000,
  /** How long a device and a client address are known after a login, in ms; addresses at most. */
  deviceMs: 365 * 86_400_000,
  knownAddressMs: 30 * 86_400_000,
  knownAddressesMax: 100_000,
  /** Passwords hashed at once, each of which takes a core and 19 MiB for some tens of milliseconds. */
  hashesMax: 2,
  /** Those that wait for it, of all clients and of one; and after how many ms one that is refused may be tried again. */
  hashesWaitingMax: 500,
  hashesWaitingPerClientMax: 20,
  hashRetryMs: 2000,
  /** HTTP requests of a client address: so many at once, and so many a minute; beyond: `rate-limited`. */
  requestsPerMinute: 6000,
  /** Requests that wait for their turn to begin, of all clients and of one; and when one that is refused may come again. */
  requestsWaitingMax: 4000,
  requestsWaitingPerClientMax: 1000,
  requestRetryMs: 1000,
  /** How long the refusal of what an address asks too often is held back, in ms, and how many are; beyond, the first goes. */
  refusalMs: 1000,
  refusalsHeldMax: 1000,
  /** Addresses, users, names whose rates are kept, of each rate; beyond, the one used longest ago begins anew. */
  ratesMax: 100_000,
  /** Connections of a user; the oldest is closed with 4409. */
  connectionsPerUserMax: 20,
  /** Rows of a page. */
  pageMax: 200,
  pageDefault: 50,
  /** Events that a resumed subscription may have missed; beyond: `reset` with `too-far`. */
  missedEventsMax: 1000,
  /** Files with what happened in a circle that are written at once, of all users and of one; beyond: `rate-limited`. */
  exportsMax: 8,
  exportsPerUserMax: 1,
  exportRetryMs: 5000,
  /** How long a client may take to say hello, in ms. */
  helloMs: 10_000,
  /** How often the server pings, and how long it waits for a sign of life, in ms. */
  pingMs: 25_000,
  pongMs: 10_000,
  /** How long a client may take nothing while data waits for it, in ms: on a WebSocket, and of an answer over HTTP. */
  stalledMs: 30_000,
  /** Bytes that wait in a socket before its subscriptions fall back to the log. */
  waitingBytesMax: 262_144,
  /** Names that are mentioned in a text. */
  mentionsMax: 50,
  /** An emoji, in bytes of UTF-8. */
  emojiBytesMax: 32,
  usernameMax: 32,
  /** How long a session lasts after its last use, in ms. */
  sessionMs: 30 * 86_400_000,
  /** How often the cookie of a session that is used is renewed, in ms. */
  cookieMs: 86_400_000,
  /** How long a key makes a command repeatable, and how far it may be ahead, in ms. */
  keyMs: 86_400_000,
  keyAheadMs: 300_000,
  /** How long a request waits for the read models to show what it has seen, in ms. */
  appliedMs: 2000,
  /** How long it waits for the read models to show what others on this node were answered, in ms. */
  othersMs: 250,
  /** JSON that a member keeps in a circle, in bytes. */
  memberDataBytesMax: 4096,
  /** How long an invite lasts by default, in ms. */
  inviteMs: 7 * 86_400_000,
} as const;
