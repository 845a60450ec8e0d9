import { expect } from 'vitest';
import WebSocket from 'ws';
import { circleAfter, circleState } from '../../src/client/circle-state.ts';
import { type Client, connect } from '../../src/client/client.ts';
import type { Reset, StreamEvent } from '../../src/client/frames.ts';
import { every, Http } from '../../src/client/http.ts';
import { meAfter, meState, meWithCircle } from '../../src/client/me-state.ts';
import { streamAfter, streamState } from '../../src/client/stream-state.ts';
import { uuid7 } from '../../src/events/ids.ts';
import { until } from '../support/checkers/waiting.ts';
import { password } from '../support/fixtures/server-people.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** Somebody with an account, who asks over HTTP and is connected. */
const arrive = async (url: string, name: string) => {
  const username = `${name}-${uuid7().slice(-12)}`;
  const account = await new Http({ url }).register({ username, password, displayName: name });
  const { token } = account;
  const client = connect({ url, token, WebSocket });
  return { ...account, username, http: new Http({ url, token }), client };
};

/** A fetch that keeps a cookie, as a page of the server's own does. */
const browser = (): typeof fetch => {
  const cookies = new Map<string, string>();
  return async (input, init = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(input, { ...init, headers: { ...init.headers, cookie } });
    for (const given of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(given) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
};

/** Folds what a subscription tells until it is as far as `n`. */
const following = <State extends { readonly n: number }>(
  client: Client,
  s: string,
  [begin, step]: readonly [(reset: Reset) => State, (state: State, event: StreamEvent) => State],
) => {
  const known: { state: State | undefined } = { state: undefined };
  const subscription = client.subscribe(
    s,
    {},
    {
      reset: (reset) => {
        known.state = begin(reset);
      },
      event: (event) => {
        known.state &&= step(known.state, event);
      },
    },
  );
  const upTo = async (n: number): Promise<State> => {
    await until(() => (known.state?.n ?? -1) >= n, `event ${n} of ${s}`);
    if (!known.state) throw new Error('there is no state');
    return known.state;
  };
  return { upTo, stop: () => subscription.close() };
};

it('logs in by a cookie, lists and ends sessions, and changes the password [H7]', async ({
  url,
}) => {
  const { username, client } = await arrive(url, 'ada');
  client.close();
  const page = new Http({ url, fetch: browser() });
  await expect(page.me()).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(page.logIn({ username, password: 'wrong horse' })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
  await page.logIn({ username, password });
  expect(await page.me()).toMatchObject({ username, displayName: 'ada' });
  const { sessions } = await page.sessions();
  expect(sessions).toHaveLength(2);
  const other = sessions.find(({ current }) => !current)?.id ?? '';
  await page.closeSession(other);
  await expect(page.changePassword('wrong horse', 'other horse')).rejects.toMatchObject({
    ...{ code: 'forbidden', field: 'password' },
  });
  await page.changePassword(password, 'other horse battery');
  await page.closeOtherSessions();
  expect((await page.sessions()).sessions).toMatchObject([{ current: true }]);
  await page.logOut();
  await expect(page.me()).rejects.toMatchObject({ code: 'unauthenticated' });
});

it('reads every list that there is', async ({ url }) => {
  const ada = await arrive(url, 'ada');
  const ben = await arrive(url, 'ben');
  const circle = uuid7();
  const s = `${circle}/${circle}`;
  const name = `Tea ${uuid7().slice(-12)}`;
  try {
    await ada.client.command('create-circle', { id: circle, name, visibility: 'public' });
    const { invite } = await ada.client.command('create-invite', { circle, maxUses: 3 });
    expect(await ben.http.invite(invite.code)).toMatchObject({ circle: { id: circle, name } });
    await ben.client.command('join-circle', { circle, invite: invite.code });
    expect(await ada.http.invites(circle)).toMatchObject({
      invites: [{ code: invite.code, uses: 1 }],
    });
    const { id } = await ada.client.post(s, `hello @${ben.username}`);
    // What somebody was answered is shown to them, and then to everybody.
    await ada.http.me();
    expect(await ben.http.unread()).toMatchObject({ streams: [{ s, unread: 1, mentions: 1 }] });
    await ada.client.command('edit-message', { s, id, text: 'good day' });
    await ada.client.command('pin', { s, id });
    await ada.client.command('set-member-data', { circle, nickname: 'Addy', data: { a: 1 } });
    await ada.client.command('open-direct', { user: ben.user.id });

    expect(await ada.http.user(ben.user.id)).toEqual(ben.user);
    expect(await ada.http.userByName(ben.username)).toEqual(ben.user);
    expect(await ada.http.users([ben.user.id])).toEqual([ben.user]);
    expect(await ben.http.circles()).toMatchObject({ circles: [{ id: circle, name }] });
    expect(await ben.http.directory({ q: name })).toMatchObject({ circles: [{ id: circle }] });
    expect(await ben.http.directs()).toMatchObject({ circles: [{ with: { id: ada.user.id } }] });
    expect(await ben.http.circle(circle)).toMatchObject({ id: circle, members: 2 });
    expect(await ben.http.streams(circle)).toMatchObject({ streams: [{ s, last: 1 }] });
    expect(await ada.http.memberData(circle)).toEqual({ nickname: 'Addy', data: { a: 1 } });
    expect(await ben.http.presence(circle)).toMatchObject({ online: expect.any(Array) });
    expect(await ben.http.history(s)).toMatchObject({ messages: [{ id, text: 'good day' }] });
    expect(await ben.http.edits(s, id)).toMatchObject({
      edits: [{ text: `hello @${ben.username}` }],
    });
    expect(await ben.http.pins(s)).toMatchObject({ messages: [{ id, pinned: true }] });
    const members: string[] = [];
    const one = (page: object) => ben.http.members(circle, { ...page, limit: 1 });
    for await (const { user } of every(one, 'members')) members.push(user.id);
    expect(members.toSorted()).toEqual([ada.user.id, ben.user.id].toSorted());
  } finally {
    ada.client.close();
    ben.client.close();
  }
});

it('knows by events what a fresh reset says, of me, of a circle and of a stream [W6]', async ({
  url,
}) => {
  const ada = await arrive(url, 'ada');
  const ben = await arrive(url, 'ben');
  const circle = uuid7();
  const s = `${circle}/${circle}`;
  const me = [meState, meAfter] as const;
  const inCircle = [circleState, circleAfter] as const;
  const inStream = [(reset: Reset) => streamState(reset, ben.user.id), streamAfter] as const;
  try {
    const mine = following(ben.client, 'me', me);
    await mine.upTo(0);
    await ada.client.command('create-circle', { id: circle, name: 'Tea', visibility: 'public' });
    await ben.client.command('join-circle', { circle });
    const ours = following(ben.client, circle, inCircle);
    const said = following(ben.client, s, inStream);
    await ben.client.command('update-profile', { displayName: 'Benny', about: 'tea' });
    await ben.client.command('update-profile', { displayName: null });
    await ada.client.command('open-direct', { user: ben.user.id });
    await ada.client.command('update-circle', { id: circle, name: 'Coffee', about: 'black' });
    const stream = uuid7();
    await ada.client.command('create-stream', { circle, id: stream, name: 'news' });
    await ada.client.command('update-stream', { s: `${circle}/${stream}`, archived: true });
    const { id } = await ben.client.post(s, 'hello');
    await ben.client.command('react', { s, id, emoji: '👍' });
    await ada.client.command('react', { s, id, emoji: '👍' });
    await ada.client.command('pin', { s, id });
    await ben.client.command('edit-message', { s, id, text: 'hello again' });
    const second = await ben.client.post(s, 'never mind', { replyTo: id });
    await ben.client.command('delete-message', { s, id: second.id });

    const again = connect({ url, token: ben.token, WebSocket });
    const fresh = {
      mine: await following(again, 'me', me).upTo(0),
      ours: await following(again, circle, inCircle).upTo(0),
      said: await following(again, s, inStream).upTo(0),
    };
    again.close();
    expect(await said.upTo(fresh.said.n)).toMatchObject({ messages: fresh.said.messages });
    expect((await said.upTo(fresh.said.n)).messages[0]?.reactions).toEqual({
      '👍': { count: 2, me: true },
    });
    const withoutLast = ({ streams, ...rest }: typeof fresh.ours) => ({
      ...rest,
      streams: streams.map(({ last: _, ...each }) => each),
    });
    expect(withoutLast(await ours.upTo(fresh.ours.n))).toEqual(withoutLast(fresh.ours));
    let known = await mine.upTo(fresh.mine.n);
    expect(known.unknown).toHaveLength(2);
    for (const each of known.unknown) known = meWithCircle(known, await ben.http.circle(each));
    // The id of a direct conversation is a hash, so it may stand before or after the other.
    const byId = ({ circles, ...rest }: typeof known) => ({
      ...rest,
      circles: circles.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    });
    expect(byId(known)).toEqual(byId(fresh.mine));
  } finally {
    ada.client.close();
    ben.client.close();
  }
});
