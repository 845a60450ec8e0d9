import { uuid7 } from '../../../src/events/ids.ts';
import { isFitting, type Said, type SecretCircle, type Talk } from '../fixtures/secret-circle.ts';
import type { AnswerBody, Person } from '../fixtures/server-people.ts';

/** A command, and what a naive model expects of it. */
export type Deed = {
  readonly op: string;
  readonly d: Readonly<Record<string, unknown>>;
  /** The same over HTTP. */
  readonly request: string;
  readonly body?: object;
  /** Whether it succeeds; undefined: either way is fine. */
  readonly may: boolean | undefined;
  /** What changes by it right before it is sent, so that whoever may hear of it may from then on. */
  before?(): void;
  /** And when it was answered. */
  after?(body: AnswerBody): void;
};

/** Somebody who tries something in a circle. */
type Trial = { readonly circle: SecretCircle; readonly actor: Person };

const pathOf = ({ id }: SecretCircle): string => `/v1/circles/${id}`;

/** Makes a circle. */
export const creation = (circle: SecretCircle, visibility: 'public' | 'private'): Deed => {
  const { secrets } = circle.options;
  const [name, about] = [secrets.mark(), secrets.mark()];
  const body = { name, about, visibility };
  return {
    ...{ op: 'create-circle', d: { id: circle.id, ...body } },
    ...{ request: `PUT ${pathOf(circle)}`, body, may: true },
    before: () => circle.show([name, about], visibility === 'public'),
  };
};

/** Ends a circle. */
export const deletion = (circle: SecretCircle): Deed => ({
  ...{ op: 'delete-circle', d: { id: circle.id }, request: `DELETE ${pathOf(circle)}`, may: true },
  after: () => circle.end(),
});

/** Says something. */
export const speech = (circle: SecretCircle, actor: Person): Deed =>
  post({ circle, actor }, circle.options.chance.pick(circle.talks));

/** Something that somebody might try in a circle, whether they may or not. */
export const attempt = (circle: SecretCircle, actor: Person): Deed => {
  const { chance } = circle.options;
  const trial = { circle, actor };
  const talk = chance.pick(circle.talks);
  const message = talk.messages[chance.under(talk.messages.length)];
  const draw = chance.under(100);
  if (draw < 24) return post(trial, talk);
  if (draw < 46) return message ? change(trial, talk, message) : post(trial, talk);
  if (draw < 52) return markRead(trial, talk);
  if (draw < 64) return join(trial);
  if (draw < 74) return part(trial);
  if (draw < 80) return introduce(trial);
  if (draw < 86) return invite(trial);
  if (draw < 89) return revoke(trial);
  if (draw < 93) return rename(trial);
  return chance.under(3) === 0 ? addStream(trial) : arrange(trial, talk);
};

/** Whether somebody may say something there. */
const mayTalk = ({ circle, actor }: Trial, { archived, deleted }: Talk): boolean =>
  circle.members.has(actor.id) && !archived && !deleted;

const post = (trial: Trial, talk: Talk): Deed => {
  const { circle, actor } = trial;
  const { chance, people, secrets } = circle.options;
  const [id, text] = [uuid7(), secrets.mark(actor.id)];
  const named = chance.under(3) === 0 ? ` @${chance.pick(people).username}` : '';
  const answered = talk.messages.filter(({ deleted }) => !deleted).at(-1)?.id;
  const replyTo = chance.under(4) === 0 ? answered : undefined;
  const body = { text: `${text}${named}`, ...(replyTo !== undefined && { replyTo }) };
  const inside = new Set(circle.members);
  return {
    ...{ op: 'post-message', d: { s: `${circle.id}/${talk.id}`, id, ...body }, body },
    request: `PUT ${pathOf(circle)}/streams/${talk.id}/messages/${id}`,
    may: mayTalk(trial, talk),
    before: () => circle.tellIn(talk, text),
    after: () => circle.addMessage(talk, { id, by: actor.id, text, deleted: false }, inside),
  };
};

/** Edits, deletes, reacts or pins. */
const change = (trial: Trial, talk: Talk, message: Said): Deed => {
  const { circle, actor } = trial;
  const { chance, secrets } = circle.options;
  const d = { s: `${circle.id}/${talk.id}`, id: message.id };
  const path = `${pathOf(circle)}/streams/${talk.id}/messages/${message.id}`;
  const [isOwn, mayAsMember] = [message.by === actor.id, mayTalk(trial, talk)];
  const may = mayAsMember && !message.deleted;
  const draw = chance.under(8);
  if (draw < 3) {
    const text = secrets.mark(actor.id);
    return {
      ...{ op: 'edit-message', d: { ...d, text }, request: `PATCH ${path}`, body: { text } },
      may: may && isOwn,
      before: () => circle.tellIn(talk, text),
      after: () => {
        message.text = text;
      },
    };
  }
  if (draw === 3) {
    return {
      ...{ op: 'delete-message', d, request: `DELETE ${path}` },
      may: mayAsMember && (isOwn || circle.isRunBy(actor.id)),
      after: () => {
        message.deleted = true;
      },
    };
  }
  if (draw < 6) {
    const emoji = chance.pick(['👍', '🐙']);
    const [op, way] = draw === 4 ? ['unreact', 'DELETE'] : ['react', 'PUT'];
    const request = `${way} ${path}/reactions/${encodeURIComponent(emoji)}`;
    return { op: `${op}`, d: { ...d, emoji }, request, may };
  }
  const [op, way] = draw === 6 ? ['unpin', 'DELETE'] : ['pin', 'PUT'];
  const mayPin = may && (circle.kind === 'direct' || circle.isRunBy(actor.id));
  return { op: `${op}`, d, request: `${way} ${path}/pin`, may: mayPin };
};

const markRead = ({ circle, actor }: Trial, talk: Talk): Deed => {
  const s = `${circle.id}/${talk.id}`;
  const m = circle.options.chance.under(talk.messages.length + 1);
  return {
    ...{ op: 'mark-read', d: { s, m }, body: { m } },
    request: `PUT ${pathOf(circle)}/streams/${talk.id}/read`,
    may: circle.members.has(actor.id) && !talk.deleted,
    before: () => circle.reads.add(`${actor.id} ${s} ${m}`),
  };
};

/** Joins as it is, by an invite that was given, or by one that never was. */
const join = ({ circle, actor }: Trial): Deed => {
  const { chance } = circle.options;
  const held = circle.invitesOf(actor.id);
  const draw = chance.under(4);
  const given = draw < 2 ? held[chance.under(held.length)] : undefined;
  const code = draw === 2 ? 'abcdefghijkl' : given?.code;
  const isInside = circle.members.has(actor.id);
  const lets = code === undefined ? circle.isPublic : given !== undefined && isFitting(given);
  const body = code === undefined ? {} : { invite: code };
  return {
    ...{ op: 'join-circle', d: { circle: circle.id, ...body }, body },
    request: `PUT ${pathOf(circle)}/members/me`,
    may: !circle.isDeleted && circle.kind === 'circle' && (isInside || lets),
    before: () => {
      if (isInside) return;
      circle.enter(actor.id);
      if (given) given.used = true;
    },
  };
};

/** Leaves, or removes somebody. */
const part = ({ circle, actor }: Trial): Deed => {
  const { chance, people } = circle.options;
  if (actor.id !== circle.owner && chance.under(4) > 0) {
    const user = actor.id;
    const isInside = circle.kind === 'circle' && circle.members.has(user);
    return {
      ...{ op: 'leave-circle', d: { circle: circle.id } },
      request: `DELETE ${pathOf(circle)}/members/me`,
      may: isInside || (circle.isPublic && !circle.isDeleted),
      after: () => void circle.members.delete(user),
    };
  }
  const others = [...circle.members].filter((id) => id !== actor.id);
  const user = chance.under(4) > 0 && others[0] ? others[0] : chance.pick(people).id;
  const isInside = circle.members.has(user);
  return {
    ...{ op: 'remove-member', d: { circle: circle.id, user } },
    request: `DELETE ${pathOf(circle)}/members/${user}`,
    may: circle.isRunBy(actor.id) && user !== actor.id && (isInside || undefined),
    after: () => void circle.members.delete(user),
  };
};

/** Says who one is, and keeps something to oneself. */
const introduce = ({ circle, actor }: Trial): Deed => {
  const { secrets } = circle.options;
  const [nickname, own] = [secrets.mark(actor.id), secrets.mark(actor.id)];
  const body = { nickname, data: { own } };
  return {
    ...{ op: 'set-member-data', d: { circle: circle.id, ...body }, body },
    request: `PATCH ${pathOf(circle)}/members/me/data`,
    may: circle.members.has(actor.id),
    before: () => circle.note(nickname),
  };
};

/** Makes an invite, and gives it to somebody. */
const invite = ({ circle, actor }: Trial): Deed => {
  const { chance, people, stranger } = circle.options;
  const once = chance.under(2) === 0;
  const holder = chance.pick(people.filter((person) => person !== stranger)).id;
  const body = { expiresIn: 0, maxUses: once ? 1 : 0 };
  return {
    ...{ op: 'create-invite', d: { circle: circle.id, ...body }, body },
    ...{ request: `POST ${pathOf(circle)}/invites`, may: circle.isRunBy(actor.id) },
    after: ({ invite: made }) =>
      circle.addInvite({ code: made?.code ?? '', once, holders: new Set([actor.id, holder]) }),
  };
};

const revoke = ({ circle, actor }: Trial): Deed => {
  const held = circle.invitesOf(actor.id);
  const known = held[circle.options.chance.under(held.length)];
  const code = known?.code ?? 'abcdefghijkl';
  return {
    ...{ op: 'revoke-invite', d: { circle: circle.id, code } },
    request: `DELETE ${pathOf(circle)}/invites/${code}`,
    may: circle.isRunBy(actor.id) && known !== undefined,
    after: () => {
      if (known) known.revoked = true;
    },
  };
};

const rename = ({ circle, actor }: Trial): Deed => {
  const { chance, secrets } = circle.options;
  const [name, about] = [secrets.mark(actor.id), secrets.mark(actor.id)];
  const isPublic = chance.under(3) === 0;
  const body = { name, about, visibility: isPublic ? 'public' : 'private' };
  return {
    ...{ op: 'update-circle', d: { id: circle.id, ...body }, body },
    ...{ request: `PATCH ${pathOf(circle)}`, may: circle.isRunBy(actor.id) },
    before: () => circle.show([name, about], isPublic),
  };
};

const addStream = ({ circle, actor }: Trial): Deed => {
  const { secrets } = circle.options;
  const [id, name, topic] = [uuid7(), secrets.mark(actor.id), secrets.mark(actor.id)];
  const body = { name, topic };
  return {
    ...{ op: 'create-stream', d: { circle: circle.id, id, ...body }, body },
    ...{ request: `PUT ${pathOf(circle)}/streams/${id}`, may: circle.isRunBy(actor.id) },
    before: () => circle.note(name, topic),
    after: () => circle.addTalk(id),
  };
};

/** Gives a stream a topic, archives, restores or deletes it. */
const arrange = ({ circle, actor }: Trial, talk: Talk): Deed => {
  const { chance, secrets } = circle.options;
  const s = `${circle.id}/${talk.id}`;
  const path = `${pathOf(circle)}/streams/${talk.id}`;
  const isRunning = circle.isRunBy(actor.id);
  const may = isRunning && !talk.deleted;
  const draw = chance.under(4);
  if (draw === 0 && talk.id !== circle.id) {
    const mayDelete = may || (isRunning && undefined);
    return {
      ...{ op: 'delete-stream', d: { s }, request: `DELETE ${path}`, may: mayDelete },
      after: () => {
        talk.deleted = true;
      },
    };
  }
  if (draw < 3) {
    const archived = draw === 1 && !talk.archived;
    return {
      ...{ op: 'update-stream', d: { s, archived }, request: `PATCH ${path}`, may },
      body: { archived },
      after: () => {
        talk.archived = archived;
      },
    };
  }
  const topic = secrets.mark(actor.id);
  return {
    ...{ op: 'update-stream', d: { s, topic }, request: `PATCH ${path}`, may, body: { topic } },
    before: () => circle.note(topic),
  };
};
