import { OshiError } from '../../client/error.ts';
import type { Http } from '../../client/http.ts';
import type { Stream } from '../../client/objects.ts';
import { isolate } from '../../text/direction.ts';
import { findCircle, type ListedCircle, myCircles } from './places.ts';
import { type Format, printTable, report } from './printing.ts';
import { visit } from './visit.ts';

const publicMax = 200;

/** `oshi chat circles`: lists the user's circles and direct conversations, or public circles. */
export const listCircles = (options: Format & { readonly public?: boolean }): Promise<void> =>
  visit(async ({ http }) => {
    const rows: readonly ListedCircle[] = options.public
      ? (await http.directory({ limit: publicMax })).circles
      : await myCircles(http);
    await printTable(options, {
      columns: {
        name: ({ name }) => name,
        kind: ({ kind, visibility }) => (kind === 'direct' ? 'direct' : visibility),
        id: ({ id }) => id,
      },
      rows,
      none: options.public
        ? 'There are no public circles.'
        : 'You are not in any circle yet: oshi chat create <name>, or oshi chat join <invite>.',
    });
  });

/** `oshi chat streams`: lists the streams of a circle. */
export const listStreams = (word: string, options: Format): Promise<void> =>
  visit(async ({ http }) => {
    const circle = await findCircle(http, word);
    const { streams = [] } = await http.circle(circle.id);
    await printTable<Stream>(options, {
      columns: {
        name: ({ name }) => name,
        messages: ({ last }) => last,
        state: ({ archived }) => (archived ? 'archived' : 'open'),
        id: ({ id }) => id,
        topic: ({ topic = '' }) => topic,
      },
      rows: streams,
      none: `“${isolate(circle.name)}” has no streams.`,
    });
  });

export type CreateOptions = Format & {
  readonly public?: boolean;
  readonly about?: string;
  /** Creates a stream in this circle instead. */
  readonly in?: string;
};

/** `oshi chat create`: creates a circle, or a stream in one. */
export const create = (name: string, options: CreateOptions): Promise<void> =>
  visit(async ({ http, connected }) => {
    const { in: word, about } = options;
    if (word !== undefined) {
      const { id: circle, name: circleName } = await findCircle(http, word);
      const { stream } = await connected((client) =>
        client.command('create-stream', {
          circle,
          id: client.newId(),
          name,
          ...(about !== undefined && { topic: about }),
        }),
      );
      await report(
        options,
        `stream “${isolate(stream.name)}” in “${isolate(circleName)}”: ${stream.s}`,
        stream,
      );
      return;
    }
    const visibility = options.public ? 'public' : 'private';
    const { circle } = await connected((client) =>
      client.command('create-circle', {
        id: client.newId(),
        name,
        visibility,
        ...(about !== undefined && { about }),
      }),
    );
    await report(options, `${visibility} circle “${isolate(circle.name)}”: ${circle.id}`, circle);
  });

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Parses the argument of `join`: the id of a public circle, an invite code, or its link. */
const meantBy = async (http: Http, word: string, url: string) => {
  if (uuid.test(word)) return { circle: word };
  const [, site, linked] = /^(https?:\/\/.+)\/invite\/([^/?#]+)/.exec(word) ?? [];
  if (site !== undefined && new URL(site).host !== new URL(url).host) {
    throw new Error(`this invite is for ${site}; log in there first: oshi chat login ${site}`);
  }
  const invite = linked === undefined ? word : decodeURIComponent(linked);
  const { circle } = await http.invite(invite);
  return { circle: circle.id, invite };
};

/** `oshi chat join`: joins a circle by an invite, or by the id of a public one. */
export const join = (word: string, options: Format): Promise<void> =>
  visit(async ({ url, http, connected }) => {
    const meant = await meantBy(http, word, url).catch((error: unknown) => {
      if (!(error instanceof OshiError) || error.code !== 'invite-invalid') throw error;
      throw new Error(`“${word}” is neither a valid invite nor the id of a circle`);
    });
    const { circle } = await connected((client) => client.command('join-circle', meant));
    await report(options, `you are in “${isolate(circle.name)}”: ${circle.id}`, circle);
  });

export type InviteOptions = Format & { readonly uses?: number };

/** `oshi chat invite`: creates an invite to a circle. */
export const invite = (word: string, options: InviteOptions): Promise<void> =>
  visit(async ({ url, http, connected }) => {
    const { id: circle } = await findCircle(http, word);
    const maxUses = options.uses;
    const { invite: made } = await connected((client) =>
      client.command('create-invite', { circle, ...(maxUses !== undefined && { maxUses }) }),
    );
    const link = `${url}/invite/${made.code}`;
    await report(options, link, { ...made, link });
  });
