/** A person, as everybody may see them. */
export type User = {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly avatar?: string;
  readonly about?: string;
};

/** A stream of a circle; `last` is the number of its newest message. */
export type Stream = {
  readonly id: string;
  readonly s: string;
  readonly name: string;
  readonly topic?: string;
  readonly archived?: true;
  readonly last: number;
};

/** A circle; an outsider of a public one sees neither `streams` nor `n`. */
export type Circle = {
  readonly id: string;
  readonly kind: 'circle' | 'direct';
  readonly name: string;
  readonly about?: string;
  readonly visibility: 'public' | 'private';
  readonly owner?: string;
  readonly members: number;
  readonly streams?: readonly Stream[];
  readonly n?: number;
  readonly with?: User;
};

/** A message; a deleted one stays as a tombstone without text. */
export type Message = {
  readonly id: string;
  readonly s: string;
  readonly m: number;
  readonly n: number;
  readonly at: number;
  readonly by: string;
  readonly text?: string;
  readonly replyTo?: string;
  readonly mentions?: readonly string[];
  readonly reactions?: Readonly<Record<string, { readonly count: number; readonly me: boolean }>>;
  readonly editedAt?: number;
  readonly deleted?: true;
  readonly pinned?: true;
};

/** What a person is in: the state of the event stream `me`. */
export type Me = {
  readonly user: User;
  readonly circles: readonly Pick<Circle, 'id' | 'kind' | 'name' | 'visibility' | 'with'>[];
};

/** One login of one person on one device. */
export type Session = { readonly id: string };

/** A page of a stream, ascending; `users` are those who stand in it. */
export type History = {
  readonly messages: readonly Message[];
  readonly users: readonly User[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};
