import * as Type from 'typebox';
import type { OperationName } from '../../app/operations/executor.ts';
import * as objects from '../../app/views/objects.ts';
import type { RouteDescription } from './route.ts';

/** The description of a command, for both transports. */
export type OperationDescription = Pick<RouteDescription, 'summary' | 'tag' | 'refuses'> & {
  /** The body of the answer, if any. */
  readonly answer?: Type.TSchema;
  /** When HTTP returns 201: `always`, or `sometimes` if something is created; else never. */
  readonly isNew?: 'always' | 'sometimes';
};

const circle = Type.Object({ circle: objects.Circle });
const stream = Type.Object({ stream: objects.Stream });
const message = Type.Object({ message: objects.Message });
const inCircle = ['not-found', 'forbidden'] as const;
const inStream = [...inCircle, 'archived'] as const;

/** All commands; one without a description does not compile. */
export const descriptions: Readonly<Record<OperationName, OperationDescription>> = {
  'update-profile': {
    summary: 'Updates your profile; null removes a field.',
    tag: 'users',
    answer: Type.Object({ user: objects.User }),
  },
  'create-circle': {
    summary: 'Creates a circle under an id of your choice.',
    tag: 'circles',
    answer: circle,
    isNew: 'sometimes',
    refuses: ['conflict', 'not-found', 'too-many'],
  },
  'update-circle': {
    summary: 'Updates a circle; null removes a field.',
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
    summary: 'Removes a member from a circle.',
    tag: 'members',
    refuses: [...inCircle, 'conflict'],
  },
  'set-member-data': {
    summary: 'Updates your names and your own data in a circle.',
    tag: 'members',
    answer: objects.MemberData,
    refuses: inCircle,
  },
  'create-invite': {
    summary: 'Creates an invite to a circle.',
    tag: 'invites',
    answer: Type.Object({ invite: objects.Invite }),
    isNew: 'always',
    refuses: [...inCircle, 'too-many'],
  },
  'revoke-invite': {
    summary: 'Revokes an invite.',
    tag: 'invites',
    refuses: inCircle,
  },
  'open-direct': {
    summary: 'Opens the direct conversation with a user, or returns the existing one.',
    tag: 'directs',
    answer: circle,
    isNew: 'sometimes',
    refuses: inCircle,
  },
  'create-stream': {
    summary: 'Creates a stream in a circle under an id of your choice.',
    tag: 'streams',
    answer: stream,
    isNew: 'sometimes',
    refuses: [...inCircle, 'conflict', 'too-many'],
  },
  'update-stream': {
    summary: 'Updates a stream, archives or restores it; null removes a field.',
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
    summary: 'Edits a message of your own.',
    tag: 'messages',
    answer: message,
    refuses: inStream,
  },
  'delete-message': {
    summary: 'Deletes a message; a tombstone remains.',
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
    summary: 'Removes your reaction.',
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
    summary: 'Moves your read marker in a stream forward.',
    tag: 'streams',
    answer: Type.Object({ read: Type.Integer({ minimum: 0 }) }),
    refuses: inCircle,
  },
};
