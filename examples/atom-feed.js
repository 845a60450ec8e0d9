/**
 * An Atom feed (RFC 4287) of a stream of a public circle: a custom projection, and a program that serves it.
 *
 *     node examples/atom-feed.js <circle>/<stream> [--port 8090] [--url https://example.org/feed.atom]
 *
 * It finds the log by the server's variables, and runs with or without a server. The feed is at /feed.atom, unless
 * the circle is private or deleted, or the stream deleted. For projections see docs/projections.md.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import process, { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { project } from 'oshi/project';

const entriesMax = 50;

/**
 * The rows of one feed: `feed` with its title and whether it may be read, `user/<id>` with a user's name, and one
 * row for each message that is not deleted.
 *
 * @param {string} circle
 * @param {string} stream
 * @returns {import('oshi/projection').Projection}
 */
const feedOf = (circle, stream) => {
  const set = (_id, fields) => [
    { updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } },
  ];
  const feed = (at, fields) => set('feed', { changed: at, ...fields });
  const inCircle = (write) => (event, place) => (place.id === circle ? write(event) : []);
  const inStream = (write) => (event, place) =>
    place.s === `${circle}/${stream}` ? [...write(event), ...feed(event.at)] : [];
  const onStream = (write) => inCircle((event) => (event.d.id === stream ? write(event) : []));
  return {
    name: `atom-feed-${circle}-${stream}`,
    version: 1,
    indexes: [{ entry: 1, m: -1 }],
    on: {
      'circle-created': inCircle(({ at, d }) =>
        feed(at, { circle: d.name, visibility: d.visibility }),
      ),
      'circle-updated': inCircle(({ at, d }) =>
        feed(at, {
          ...(d.name !== undefined && { circle: d.name }),
          ...(d.visibility !== undefined && { visibility: d.visibility }),
        }),
      ),
      'circle-deleted': inCircle(({ at }) => feed(at, { deleted: true })),
      'stream-created': onStream(({ at, d }) => feed(at, { name: d.name })),
      'stream-updated': onStream(({ at, d }) =>
        feed(at, d.name === undefined ? {} : { name: d.name }),
      ),
      'stream-deleted': onStream(({ at }) => feed(at, { deleted: true })),
      'message-posted': inStream(({ at, by, d: { id, m, text } }) => [
        { insertOne: { document: { _id: id, entry: true, m, by, text, at, updated: at } } },
      ]),
      'message-edited': inStream(({ at, d: { id, text } }) => [
        { updateOne: { filter: { _id: id }, update: { $set: { text, updated: at } } } },
      ]),
      'message-deleted': inStream(({ d }) => [{ deleteOne: { filter: { _id: d.id } } }]),
      'user-registered': ({ d }, { id }) =>
        set(`user/${id}`, { username: d.username, displayName: d.displayName ?? null }),
      'profile-updated': ({ d }, { id }) =>
        d.displayName === undefined ? [] : set(`user/${id}`, { displayName: d.displayName }),
    },
  };
};

/** Replaces characters invalid in XML 1.0, and escapes markup. */
const xml = (text) =>
  text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"'\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const time = (at) => new Date(at).toISOString();

/** The first line, cut to the length of a title. */
const titleOf = (text) => [...(text.trim().split(/[\r\n]/, 1)[0] ?? '')].slice(0, 80).join('');

const entryXml = ({ _id, text, at, updated, author }) => `
  <entry>
    <id>urn:uuid:${_id}</id>
    <title>${xml(titleOf(text))}</title>
    <author><name>${xml(author)}</name></author>
    <published>${time(at)}</published>
    <updated>${time(updated)}</updated>
    <content type="text">${xml(text)}</content>
  </entry>`;

const feedXml = ({ url, stream, feed, entries }) => `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>urn:uuid:${stream}</id>
  <title>${xml(`${feed.circle}: ${feed.name}`)}</title>
  <link rel="self" type="application/atom+xml" href="${xml(url)}"/>
  <updated>${time(feed.changed)}</updated>${entries.map(entryXml).join('')}
</feed>
`;

/** The current feed; undefined if it is not public. */
const render = async ({ rows, stream, url }) => {
  const feed = await rows.get('feed');
  if (feed?.visibility !== 'public' || feed.name === undefined || feed.deleted) return undefined;
  const found = await rows.find({ entry: true }, { sort: { m: -1 }, limit: entriesMax });
  const names = new Map();
  for (const id of new Set(found.map(({ by }) => by))) {
    const user = await rows.get(`user/${id}`);
    names.set(id, user?.displayName ?? user?.username ?? 'somebody');
  }
  const entries = found.map((row) => ({ ...row, author: names.get(row.by) }));
  return feedXml({ url, stream, feed, entries });
};

/** The entity tag of a text (RFC 9110), and its modification time. */
const versions = () => {
  let last = { tag: '', sinceMs: 0 };
  return (text) => {
    const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
    if (tag !== last.tag) last = { tag, sinceMs: Date.now() };
    const seconds = Math.floor(last.sinceMs / 1000);
    // Times are whole seconds: the feed may change again within the current one.
    const isOver = Math.floor(Date.now() / 1000) > seconds;
    return { tag, ...(isOver && { modified: new Date(seconds * 1000).toUTCString() }) };
  };
};

/** Whether the client's copy is current: by tag, or by time if no tag is sent. */
const isKnown = ({ headers }, { tag, modified }) => {
  const { 'if-none-match': tags, 'if-modified-since': since } = headers;
  const isTag = (each) => each === '*' || each.replace(/^W\//, '') === tag;
  if (tags !== undefined) return tags.split(/\s*,\s*/).some(isTag);
  return since !== undefined && modified !== undefined && Date.parse(since) >= Date.parse(modified);
};

const troubled = { status: 503, headers: { 'retry-after': '2' }, text: 'Try again later.\n' };

/** Answers requests for the feed. It is not served while it may be outdated: it may be private by now. */
const answerer = ({ isReady, render }) => {
  const versionOf = versions();
  return async (request) => {
    if (!/^\/feed\.atom(\?|$)/.test(request.url)) return { status: 404, text: 'Not found.\n' };
    if (!/^(GET|HEAD)$/.test(request.method)) {
      return { status: 405, headers: { allow: 'GET, HEAD' }, text: 'Only to be read.\n' };
    }
    if (!isReady()) return troubled;
    const text = await render();
    if (text === undefined) return { status: 404, text: 'There is no such public stream.\n' };
    const version = versionOf(text);
    const headers = {
      etag: version.tag,
      'cache-control': 'no-cache',
      ...(version.modified && { 'last-modified': version.modified }),
    };
    if (isKnown(request, version)) return { status: 304, headers };
    return { status: 200, headers: { ...headers, 'content-type': 'application/atom+xml' }, text };
  };
};

const serve = async ({ circle, stream, port, url }) => {
  const rows = await project(feedOf(circle, stream));
  const server = createServer((request, response) => void respond(request, response));
  const here = () => `http://127.0.0.1:${server.address().port}/feed.atom`;
  let isReady = false;
  const answer = answerer({
    isReady: () => isReady && !rows.failure() && !rows.progress().trouble,
    render: () => render({ rows, stream, url: url ?? here() }),
  });
  const respond = async (request, response) => {
    const { status, headers, text } = await answer(request).catch(() => troubled);
    response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  let isClosing = false;
  const close = () => {
    isClosing = true;
    server.close();
    server.closeAllConnections();
    return rows.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void close());
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    stdout.write(`The feed is at ${here()}\n`);
    await rows.caughtUp();
    isReady = true;
  } catch (error) {
    if (isClosing) return;
    await close();
    throw error;
  }
};

const usage =
  'node examples/atom-feed.js <circle>/<stream> [--port 8090] [--url <where people find it>]';

/** The parsed command line; undefined if it is invalid. */
const settings = () => {
  try {
    const options = { port: { type: 'string', default: '8090' }, url: { type: 'string' } };
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const name = /^([0-9a-f-]{36})\/([0-9a-f-]{36})$/.exec(positionals.join(' '));
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : undefined;
    if (!name || port === undefined || port > 65_535) return undefined;
    return { circle: name[1], stream: name[2], port, url: values.url };
  } catch {
    return undefined;
  }
};

const chosen = settings();
if (chosen === undefined) {
  stderr.write(`usage: ${usage}\n`);
  process.exitCode = 2;
} else {
  await serve(chosen).catch((error) => {
    stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
