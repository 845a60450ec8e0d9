import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { freePort } from '../../tools/servers/place.ts';
import {
  beforeBrowserTests,
  type ContextOptions,
  type Troubles,
  useBrowser,
  type Visitor,
} from './browser.ts';
import { type Person, password, register } from './server-people.ts';
import { type OshiServer, startOshi } from './server-process.ts';

/** Somebody with an account, at a page where they are logged in. */
export type Guest = Visitor & { readonly person: Person };

export type GuestOptions = ContextOptions & { readonly path?: string };

/** What the console says of a connection that was cut, or could not be made. */
const isCut = (trouble: string): boolean =>
  /WebSocket connection to .* failed|net::ERR_(CONNECTION|INTERNET|SOCKET|EMPTY)/.test(trouble);

/** The built server with its page, on files of its own and always the same port. */
const useServer = () => {
  let place: { readonly dir: string; readonly port: number } | undefined;
  let server: OshiServer | undefined;
  const started = (): OshiServer => {
    if (!server) throw new Error('the server is there only inside a test');
    return server;
  };
  const env = () => ({
    OSHI_PORT: String(place?.port),
    OSHI_DATA_DIR: place?.dir ?? '',
    OSHI_RATE_LIMITS: 'off',
    OSHI_LOG_LEVEL: 'error',
  });
  const start = async (): Promise<void> => {
    place ??= { dir: await mkdtemp(join(tmpdir(), 'oshi-page-')), port: await freePort() };
    server = await startOshi(env());
  };
  beforeBrowserTests(start);
  afterAll(async () => {
    await server?.stop();
    if (place) await rm(place.dir, { recursive: true });
  });
  return { env, url: (): string => started().url, kill: () => started().kill(), start };
};

/** A server, which can be killed and started again, and a browser before it. */
export const usePageStage = () => {
  const { env, url, kill, start } = useServer();
  const { open } = useBrowser();
  const visitors: Visitor[] = [];
  const openPage = async (options: ContextOptions = {}): Promise<Visitor> => {
    const visitor = await open({ baseURL: url(), ...options });
    visitors.push(visitor);
    return visitor;
  };
  return {
    ...{ env, url, kill, start },
    /** Somebody who is not logged in, at this address of the page. */
    visit: async (path = '/', options: ContextOptions = {}): Promise<Visitor> => {
      const visitor = await openPage(options);
      await visitor.page.goto(path);
      return visitor;
    },
    /** Logs somebody in who has an account, and opens the page. */
    enter: async (person: Person, options: GuestOptions = {}): Promise<Guest> => {
      const { path = '/', ...rest } = options;
      const visitor = await openPage(rest);
      const answer = await visitor.context.request.post('/v1/sessions', {
        data: { username: person.username, password },
      });
      if (!answer.ok()) throw new Error(`logging in: ${answer.status()} ${await answer.text()}`);
      await visitor.page.goto(path);
      return { ...visitor, person };
    },
    /** Somebody new of this name; their username begins with it. */
    account: async (name: string): Promise<Person> => {
      const person = await register(url(), name.toLowerCase());
      const { status, text } = await person.call('PATCH /v1/me', { displayName: name });
      if (status !== 200) throw new Error(`naming ${name}: ${status} ${text}`);
      return person;
    },
    /** What went wrong in any page so far. */
    troubles: (): Troubles => visitors.flatMap(({ troubles }) => troubles),
    /** The same, without what a server that was away explains. */
    ownTroubles: (): Troubles =>
      visitors.flatMap(({ troubles }) => troubles.filter((trouble) => !isCut(trouble))),
  };
};
