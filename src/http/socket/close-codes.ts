/** The close codes of the server (W15). */
export const closes = {
  badFrame: { code: 4400, reason: 'malformed frame, or anything but hello first' },
  unauthenticated: { code: 4401, reason: 'the credentials are wrong, expired or ended' },
  suspended: { code: 4401, reason: 'the account has been suspended' },
  otherUser: { code: 4403, reason: 'this connection belongs to another user' },
  version: { code: 4406, reason: 'this server speaks version 1' },
  noHello: { code: 4408, reason: 'no hello came in time' },
  replaced: { code: 4409, reason: 'too many connections of one user; this is the oldest' },
  tooLarge: { code: 4413, reason: 'frame over 65,536 bytes (hello: 8,192), or in too many pieces' },
  internal: { code: 4500, reason: 'internal error' },
  draining: { code: 4503, reason: 'the server is shutting down or restarting' },
  away: { code: 4503, reason: 'the session cannot be verified at the moment; connect again' },
  slow: { code: 4508, reason: 'the client did not accept data for too long' },
  noPong: { code: 4510, reason: 'no sign of life' },
  tooMany: { code: 4529, reason: 'too many requests' },
} as const;

export type Close = (typeof closes)[keyof typeof closes];

/** Closed without a `bye`: the client would not read it, or has caused the close itself. */
export const silent: ReadonlySet<number> = new Set([4400, 4413, 4508]);
