import type { Circle, Invite, MemberData, Message, Stream, User } from './objects.ts';

type InStream = { readonly s: string };
type ItsId = { readonly id: string };
type OfMessage = InStream & ItsId;
type OfCircle = { readonly circle: string };
type Nothing = undefined;

/** The answer to `post-message`: the message's id, its event number, its message number, and the time. */
export type Posted = {
  readonly id: string;
  readonly n: number;
  readonly m: number;
  readonly at: number;
};

/** Every command with its data and its answer. */
export type Commands = {
  'update-profile': [
    { displayName?: string | null; avatar?: string | null; about?: string | null },
    { user: User },
  ];
  'create-circle': [
    ItsId & { name: string; visibility: 'public' | 'private'; about?: string },
    { circle: Circle },
  ];
  'update-circle': [
    ItsId & { name?: string; about?: string | null; visibility?: 'public' | 'private' },
    { circle: Circle },
  ];
  'delete-circle': [ItsId, Nothing];
  'join-circle': [OfCircle & { invite?: string }, { circle: Circle }];
  'leave-circle': [OfCircle, Nothing];
  'remove-member': [OfCircle & { user: string }, Nothing];
  'set-member-data': [
    OfCircle & { nickname?: string | null; avatar?: string | null; data?: unknown },
    MemberData,
  ];
  'create-invite': [OfCircle & { expiresIn?: number; maxUses?: number }, { invite: Invite }];
  'revoke-invite': [OfCircle & { code: string }, Nothing];
  'create-stream': [OfCircle & { id: string; name: string; topic?: string }, { stream: Stream }];
  'update-stream': [
    InStream & { name?: string; topic?: string | null; archived?: boolean },
    { stream: Stream },
  ];
  'delete-stream': [InStream, Nothing];
  'open-direct': [{ user: string }, { circle: Circle }];
  'post-message': [OfMessage & { text: string; replyTo?: string }, Posted];
  'edit-message': [OfMessage & { text: string }, { message: Message }];
  'delete-message': [OfMessage, Nothing];
  react: [OfMessage & { emoji: string }, Nothing];
  unreact: [OfMessage & { emoji: string }, Nothing];
  pin: [OfMessage, Nothing];
  unpin: [OfMessage, Nothing];
  'mark-read': [InStream & { m: number }, { read: number }];
};

export type Op = keyof Commands;

/** Creations are recognised by the id of the created object; other commands need a key. */
const creations: ReadonlySet<Op> = new Set(['create-circle', 'create-stream', 'post-message']);

export const needsKey = (op: Op): boolean => !creations.has(op);

/**
 * Commands of one lane are sent one after the other, so that a repeat cannot overtake a later command; reads are not
 * affected.
 */
export const laneOf = (op: Op, d: object): string => {
  const { s, circle, id } = d as {
    readonly s?: string;
    readonly circle?: string;
    readonly id?: string;
  };
  return op === 'mark-read' ? `read ${s}` : (s ?? circle ?? id ?? op);
};
