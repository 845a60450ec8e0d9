import type * as Type from 'typebox';
import type { ErrorCode } from '../../app/refusals.ts';

/** The groups of routes, in order, each with its description. */
export const tags = {
  accounts: 'Registration, log-in, sessions and passwords.',
  users: 'Users and their profiles.',
  circles: 'Circles and the directory of public ones.',
  members: 'The members of a circle, and their names there.',
  invites: 'Invites to a circle.',
  directs: 'Direct conversations.',
  streams: 'The streams of a circle, and read markers.',
  messages: 'The messages of a stream.',
  server: 'For operators and programs.',
} as const;

export type Tag = keyof typeof tags;

/** The body of an answer: JSON by a schema, or text. */
export type AnswerForm = Type.TSchema | { readonly mediaType: string } | undefined;

/** The description of a route. Input is validated elsewhere, by the same schemas. */
export type RouteDescription = {
  /** The name of the command on the socket, or the name for generated clients. */
  readonly id: string;
  /** One line. */
  readonly summary: string;
  readonly tag: Tag;
  /** The input. Path parameters without a schema are ids. */
  readonly param?: (name: string) => Type.TSchema | undefined;
  readonly query?: Type.TSchema;
  readonly body?: Type.TSchema;
  /** The answers by status; undefined: no body. */
  readonly answers: { readonly [status: number]: AnswerForm };
  /** Errors besides those that every route may return. */
  readonly refuses?: readonly ErrorCode[];
  /** Whether it needs no session. */
  readonly isOpen?: true;
  /** Whether it takes a key that makes it repeatable; creations need none. */
  readonly isKeyed?: true;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    about?: RouteDescription;
  }
}

/** Route options with a description. */
export const describes = (about: RouteDescription) => ({ config: { about } });

/** Route options with the description of a route of the server itself, which needs no session. */
export const describesServer = (about: Omit<RouteDescription, 'tag' | 'isOpen'>) =>
  describes({ tag: 'server', isOpen: true, ...about });
