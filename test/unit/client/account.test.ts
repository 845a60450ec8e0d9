import { expect, it } from 'vitest';
import { logIn, register } from '../../../src/client/account.ts';

/** A fetch that answers once and notes what it was asked. */
const answering = (status: number, body: unknown) => {
  const asked: unknown[] = [];
  const fetcher = (async (url: string, { body: sent, ...request }: { body: string }) => {
    asked.push({ url, ...request, body: JSON.parse(sent) });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  }) as unknown as typeof fetch;
  return { asked, fetcher };
};

const account = { user: { id: 'u' }, session: { id: 's' }, token: 't' };

it('creates an account', async () => {
  const { asked, fetcher } = answering(201, account);
  const person = { username: 'ada', password: 'correct horse', displayName: 'Ada' };
  expect(await register('https://chat.example.org/', person, fetcher)).toEqual(account);
  expect(asked).toEqual([
    {
      url: 'https://chat.example.org/v1/users',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: person,
    },
  ]);
});

it('logs in', async () => {
  const { asked, fetcher } = answering(201, account);
  const person = { username: 'ada', password: 'correct horse' };
  expect(await logIn('http://localhost:8080', person, fetcher)).toEqual(account);
  expect(asked).toMatchObject([{ url: 'http://localhost:8080/v1/sessions', body: person }]);
});

it('rejects with the code, the field and retryAfter of the server', async () => {
  const problem = { title: 'Too many', code: 'rate-limited', retryAfter: 6_000 };
  const { fetcher } = answering(429, problem);
  await expect(
    logIn('http://localhost', { username: 'a', password: 'b' }, fetcher),
  ).rejects.toMatchObject({ code: 'rate-limited', message: 'Too many', retryAfter: 6_000 });
});

it('rejects with its own code without an answer, or with one of a proxy', async () => {
  const who = { username: 'a', password: 'b' };
  const { fetcher } = answering(502, '<html>Bad gateway</html>');
  await expect(logIn('http://localhost', who, fetcher)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'status 502',
  });
  const away = (async () => {
    throw new TypeError('fetch failed');
  }) as unknown as typeof fetch;
  await expect(logIn('http://localhost', who, away)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'http://localhost/v1/sessions does not answer',
  });
});
