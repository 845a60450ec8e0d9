import { createInterface } from 'node:readline';
import WebSocket from 'ws'; // Built into browsers and Node from 22.

const usage = `node examples/tiny-client.js http://127.0.0.1:8080 ada 'correct horse' <circle>/<stream>`;
const [url, username, password, s] = process.argv.slice(2);
const unanswered = new Map(); // Posts without an answer, by message id.
let [socket, token, epoch, place, wait, silence, shown = 0, tries = 0] = [];
const end = (why, code = 1) => process.stderr.write(`${why}\n`, () => process.exit(code));
const send = (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame));
const more = () => send({ t: 'get', id: crypto.randomUUID(), s, after: shown, limit: 200 });
const say = () => unanswered.size > 0 && send([...unanswered.values()][0]); // In order.
const show = (messages) => {
  for (const { m, by, text } of messages.filter((message) => message.m > shown)) {
    if (m > shown + 1) return more(); // More was missed than is sent as events.
    process.stdout.write(`${m} ${by}: ${text ?? '(deleted)'}\n`);
    shown = m;
  }
};
const happen = ({ n, by, k, d }) => {
  if (n !== place.after + 1) return socket.close(); // The next connection resumes.
  place.after = n;
  if (k === 'message-posted') show([{ ...d, by }]);
};
const take = ({ t, id, d, n, e, messages, ...frame }) => {
  if (t === 'ping') send({ t: 'pong', n });
  if (t === 'bye') wait = frame.after;
  if (/^(end|err)$/.test(t) && !frame.retryAfter) end(JSON.stringify(frame));
  if (t === 'err') [wait] = [frame.retryAfter, socket.close()]; // Everything is resent on reconnect.
  if (t === 'ok' && unanswered.delete(id)) say();
  if (d?.epoch) [token, epoch, tries] = [d.token ?? token, d.epoch, 0];
  if (t === 'reset' && frame.why !== 'too-far') shown = (messages[0]?.m ?? 1) - 1;
  if (t === 'reset') place = { after: n, epoch }; // For the next `sub`.
  show(messages ?? d?.messages ?? []);
  if (d?.more?.after) more();
  e?.forEach(happen);
};
const connect = () => {
  [socket, wait] = [new WebSocket(`${url.replace('http', 'ws')}/v1/connect`), undefined];
  socket.onopen = () => {
    send({ t: 'hello', id: 'hello', v: 1, ...(token ? { token } : { username, password }) });
    send({ t: 'sub', id: 'sub', s, ...(place ?? { last: 50 }) });
    say();
  };
  socket.onmessage = ({ data }) => {
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), 45_000); // The server pings every 25 s.
    take(JSON.parse(data));
  };
  socket.onerror = () => {}; // `onclose` follows.
  socket.onclose = ({ code }) => {
    if ((code >= 4400 && code < 4500) || [1002, 1003, 1007, 1009].includes(code)) end(code);
    setTimeout(connect, wait ?? Math.random() * Math.min(30_000, 500 * 2 ** tries++));
  };
};
s && URL.canParse(url) ? connect() : end(`usage: ${usage}`, 2);
for await (const text of createInterface({ input: process.stdin })) {
  const time = Date.now().toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
  if (unanswered.set(id, { t: 'cmd', id, op: 'post-message', d: { s, id, text } }).size < 2) say();
}
