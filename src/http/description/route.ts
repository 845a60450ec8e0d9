import type Type from 'typebox';
import type { ErrorCode } from '../../app/refusals.ts';

/** The groups in which the routes are shown, in order, each with what it is about. */
export const tags = {
  accounts: 'Registration, log-in, sessions and passwords.',
  users: 'Who somebody is.',
  circles: 'Circles and the directory of public ones.',
  members: 'Who is in a circle, and what they are called there.',
  invites: 'Ways into a circle.',
  directs: 'Conversations of two people.',
  streams: 'The streams of a circle, and how far somebody has read.',
  messages: 'What is said in a stream.',
  server: 'For those who run the server, and for programs.',
} as const;

export type Tag = keyof typeof tags;

/** What an answer holds; a text where it is no JSON. */
export type AnswerForm = Type.TSchema | { readonly mediaType: string } | undefined;

/** What a route says of itself. It only describes: what comes in is checked by the same schemas elsewhere. */
export type RouteDescription = {
  /** The name of the command on the socket, or what a generated client may call the route. */
  readonly id: string;
  /** One line. */
  readonly summary: string;
  readonly tag: Tag;
  /** What comes in. Parameters of the path of which nothing is said are ids. */
  readonly param?: (name: string) => Type.TSchema | undefined;
  readonly query?: Type.TSchema;
  readonly body?: Type.TSchema;
  /** What goes out, by status; undefined: no body. */
  readonly answers: { readonly [status: number]: AnswerForm };
  /** Refusals of its own, beside those that every route may give. */
  readonly refuses?: readonly ErrorCode[];
  /** Whether everybody may ask, also without a session. */
  readonly isOpen?: true;
  /** A command takes a key that makes it repeatable; a creation needs none. */
  readonly isKeyed?: true;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    about?: RouteDescription;
  }
}

/** Options of a route that carry its description. */
export const describes = (about: RouteDescription) => ({ config: { about } });
