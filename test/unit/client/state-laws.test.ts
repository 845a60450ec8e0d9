import fc from 'fast-check';
import { expect, it } from 'vitest';
import { circleAfter, circleState } from '../../../src/client/circle-state.ts';
import type { Reset, StreamEvent } from '../../../src/client/frames.ts';
import { type StreamState, streamAfter, streamState } from '../../../src/client/stream-state.ts';
import { type Followed, stateStage } from '../../support/fixtures/state-stage.ts';
import { numbered } from '../../support/generators/chatter.ts';

const parameters = { seed: 20_261_125, numRuns: 40, verbose: 1 } as const;
const emojis = ['👍', '🎉', '❤️'];
const names = ['Tea', 'Coffee', 'Milk'];

const who = fc.nat(2);
const which = fc.nat(6);
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('post' as const), who, which }) },
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constantFrom('edit', 'delete', 'react', 'react', 'unreact', 'pin', 'unpin'),
      ...{ who, which },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('rename', 'about', 'add', 'name', 'archive', 'remove', 'leave', 'join'),
      ...{ who, which },
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('follow' as const), who, which }) },
);

/** Commands of any user; the others are the owner's. */
const byAnyone = new Set(['react', 'unreact', 'leave', 'join']);
const byAuthors = new Set(['post', 'edit', 'delete']);

type Happening = { readonly does: string; readonly who: number; readonly which: number };
type Stage = Awaited<ReturnType<typeof stateStage>>;

/** The command of a step; many are refused or change nothing. */
const commandOf = ({ s, circle, people, ada }: Stage, { does, who, which }: Happening) => {
  const id = numbered(1_000 + which);
  const stream = numbered(2_000 + (which % 3));
  const emoji = emojis[which % emojis.length];
  const name = names[(who + which) % names.length];
  const text = `${name}, said ${who}`;
  const other = `${circle}/${stream}`;
  const commands: Record<string, readonly [op: string, input: object]> = {
    post: ['post-message', { s, id, text }],
    edit: ['edit-message', { s, id, text }],
    delete: ['delete-message', { s, id }],
    react: ['react', { s, id, emoji }],
    unreact: ['unreact', { s, id, emoji }],
    pin: ['pin', { s, id }],
    unpin: ['unpin', { s, id }],
    rename: ['update-circle', { id: circle, name }],
    about: ['update-circle', { id: circle, about: which % 2 === 0 ? null : text }],
    add: ['create-stream', { circle, id: stream, name, ...(who === 0 && { topic: text }) }],
    name: ['update-stream', { s: other, topic: which % 2 === 0 ? null : text }],
    archive: ['update-stream', { s: other, archived: which % 2 === 0 }],
    remove: ['delete-stream', { s: other }],
    leave: ['leave-circle', { circle }],
    join: ['join-circle', { circle }],
  };
  const [op = '', input = {}] = commands[does] ?? [];
  const author = people[which % people.length];
  const by = byAnyone.has(does) ? people[who] : byAuthors.has(does) ? author : ada;
  return { op, input, by: by ?? ada };
};

/** A circle with some messages and a second stream, and its events; subscribers start in the middle. */
const lived = async (
  script: readonly Happening[],
  follow: (stage: Stage, last: number) => Followed,
) => {
  const stage = await stateStage();
  const followers: Followed[] = [];
  const before = [0, 1, 2, 3].map((each) => ({ does: 'post', who: 0, which: each }));
  for (const next of [...before, { does: 'add', who: 0, which: 0 }, ...script]) {
    if (next.does === 'follow') followers.push(follow(stage, next.which));
    else await stage.send(commandOf(stage, next));
  }
  return { stage, followers };
};

/** The newest message numbers of streams are not part of a circle's events. */
const withoutLast = (state: ReturnType<typeof circleState>) => ({
  ...state,
  streams: state.streams.map(({ last: _, ...stream }) => stream),
});

/** Applies each event twice, and earlier ones again: events already applied change nothing. */
const foldTwice = <State extends { readonly n: number }>(
  begun: State,
  events: readonly StreamEvent[],
  after: (state: State, event: StreamEvent) => State,
): State =>
  events.reduce((state, event, index) => {
    const next = after(after(state, event), event);
    return events.slice(0, index).reduce(after, next);
  }, begun);

/** The state of a subscriber with fewer messages; markers and users do not follow from events alone. */
const from = ({ n, s, stream, messages }: StreamState, first: number) => ({
  ...{ n, s, stream },
  messages: messages.filter(({ m }) => m >= first),
});

it(
  `streams: a reset and the events after it, folded, are a fresh reset (seed ${parameters.seed}) [W6]`,
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 10, maxLength: 50, size: 'max' }),
        async (script) => {
          const { stage, followers } = await lived(script, ({ follow, s }, last) =>
            follow(s, 0, last),
          );
          const fresh = await stage.follow(stage.s, 0).reset();
          const user = stage.ada.user;
          for (const followed of followers) {
            const begun = streamState(await followed.reset(), user);
            const folded = foldTwice(begun, await followed.events(fresh.n), streamAfter);
            const first = folded.messages[0]?.m ?? Number.POSITIVE_INFINITY;
            expect(from(folded, first)).toEqual(from(streamState(fresh, user), first));
            expect(folded.messages.map(({ m }) => m)).toEqual(
              folded.messages.map((_, index) => first + index),
            );
          }
          expect(stage.errors).toEqual([]);
        },
      ),
      parameters,
    ),
  60_000,
);

it(
  `circles: a reset and the events after it, folded, are a fresh reset (seed ${parameters.seed}) [W6]`,
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 10, maxLength: 50, size: 'max' }),
        async (script) => {
          const { stage, followers } = await lived(script, ({ follow, circle }) =>
            follow(circle, 0),
          );
          const fresh: Reset = await stage.follow(stage.circle, 0).reset();
          for (const followed of followers) {
            const begun = circleState(await followed.reset());
            const folded = foldTwice(begun, await followed.events(fresh.n), circleAfter);
            expect(withoutLast(folded)).toEqual(withoutLast(circleState(fresh)));
          }
          expect(stage.errors).toEqual([]);
        },
      ),
      parameters,
    ),
  60_000,
);
