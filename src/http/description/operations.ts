import Type from 'typebox';
import type { OperationName } from '../../app/operations/executor.ts';
import * as objects from '../../app/views/objects.ts';
import type { RouteDescription } from './route.ts';

const { holding } = objects;

/** What a command says of itself, for the descriptions of both wires. */
export type OperationDescription = Pick<RouteDescription, 'summary' | 'tag' | 'refuses'> & {
  /** The body of its answer, if it has one. */
  readonly answer?: Type.TSchema;
  /** Whether HTTP says 201: `always`, or where something is new by it; else never. */
  readonly isNew?: 'always' | 'sometimes';
};

const circle = holding({ circle: objects.Circle });
const stream = holding({ stream: objects.Stream });
const message = holding({ message: objects.Message });
const inCircle = ['not-found', 'forbidden'] as const;
const inStream = [...inCircle, 'archived'] as const;

/** Every command, so that one without a description does not compile. */
export const descriptions: Readonly<Record<OperationName, OperationDescription>> = {
  'update-profile': {
    summary: 'Changes what you say of yourself; null removes.',
    tag: 'users',
    answer: holding({ user: objects.User }),
  },
  'create-circle': {
    summary: 'Makes a circle under an id of your choice.',
    tag: 'circles',
    answer: circle,
    isNew: 'sometimes',
    refuses: ['conflict', 'not-found', 'too-many'],
  },
  'update-circle': {
    summary: 'Changes a circle; null removes.',
    tag: 'circles',
    answer: circle,
    refuses: inCircle,
  },
  'delete-circle': {
    summary: 'Deletes a circle with all its streams.',
    tag: 'circles',
    refuses: inCircle,
  },
  'join-circle': {
    summary: 'Joins a circle, with an invite if it is private.',
    tag: 'members',
    answer: circle,
    isNew: 'sometimes',
    refuses: ['not-found', 'forbidden', 'invite-invalid', 'too-many'],
  },
  'leave-circle': {
    summary: 'Leaves a circle.',
    tag: 'members',
    refuses: [...inCircle, 'conflict'],
  },
  'remove-member': {
    summary: 'Removes somebody from a circle.',
    tag: 'members',
    refuses: [...inCircle, 'conflict'],
  },
  'set-member-data': {
    summary: 'Changes what you are called in a circle, and what you keep there for yourself.',
    tag: 'members',
    answer: objects.MemberData,
    refuses: inCircle,
  },
  'create-invite': {
    summary: 'Makes an invite to a circle.',
    tag: 'invites',
    answer: holding({ invite: objects.Invite }),
    isNew: 'always',
    refuses: [...inCircle, 'too-many'],
  },
  'revoke-invite': {
    summary: 'Makes an invite worthless.',
    tag: 'invites',
    refuses: inCircle,
  },
  'open-direct': {
    summary: 'Opens the conversation with somebody, or gives the one that there is.',
    tag: 'directs',
    answer: circle,
    isNew: 'sometimes',
    refuses: inCircle,
  },
  'create-stream': {
    summary: 'Makes a stream in a circle under an id of your choice.',
    tag: 'streams',
    answer: stream,
    isNew: 'sometimes',
    refuses: [...inCircle, 'conflict', 'too-many'],
  },
  'update-stream': {
    summary: 'Changes a stream, archives it or brings it back; null removes.',
    tag: 'streams',
    answer: stream,
    refuses: inCircle,
  },
  'delete-stream': {
    summary: 'Deletes a stream with all its messages.',
    tag: 'streams',
    refuses: inCircle,
  },
  'post-message': {
    summary: 'Posts a message under an id of your choice.',
    tag: 'messages',
    answer: objects.Posted,
    isNew: 'sometimes',
    refuses: [...inStream, 'conflict'],
  },
  'edit-message': {
    summary: 'Changes the text of a message of your own.',
    tag: 'messages',
    answer: message,
    refuses: inStream,
  },
  'delete-message': {
    summary: 'Deletes a message; a tombstone stays in its place.',
    tag: 'messages',
    refuses: inStream,
  },
  react: {
    summary: 'Reacts to a message with an emoji.',
    tag: 'messages',
    isNew: 'sometimes',
    refuses: [...inStream, 'too-many'],
  },
  unreact: {
    summary: 'Takes a reaction back.',
    tag: 'messages',
    refuses: inStream,
  },
  pin: {
    summary: 'Pins a message in its stream.',
    tag: 'messages',
    isNew: 'sometimes',
    refuses: [...inStream, 'too-many'],
  },
  unpin: {
    summary: 'Unpins a message.',
    tag: 'messages',
    refuses: inStream,
  },
  'mark-read': {
    summary: 'Says how far you have read a stream; never goes back.',
    tag: 'streams',
    answer: holding({ read: Type.Integer({ minimum: 0 }) }),
    refuses: inCircle,
  },
};
