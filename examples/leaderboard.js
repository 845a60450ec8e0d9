/**
 * A projection of one's own: who has posted and reacted how much in which circle, and when last.
 *
 *     OSHI_PROJECTIONS=examples/leaderboard.js npm start
 *     npx oshi rows leaderboard --where circle=<circle> --sort -messages --limit 10
 *
 * `messages` counts what was posted, also what was deleted since: `message-deleted` says who deleted it, not who
 * wrote it. `reactions` counts those that were not taken back. docs/projections.md says
 * how it works.
 */

/**
 * What adds to somebody's row.
 *
 * @param {{ messages?: number, reactions?: number }} counts
 * @returns {(event: import('oshi/projection').ProjectedEvent, where: import('oshi/projection').Context) =>
 *   import('oshi/projection').Write[]}
 */
const add =
  ({ messages = 0, reactions = 0 }) =>
  ({ by, at }, { circle }) => [
    {
      updateOne: {
        filter: { _id: `${circle}/${by}` },
        update: {
          $inc: { messages, reactions },
          $max: { lastAt: at },
          $setOnInsert: { circle, user: by },
        },
        upsert: true,
      },
    },
  ];

/** @type {import('oshi/projection').Projection} */
export const projection = {
  name: 'leaderboard',
  version: 2,
  indexes: [
    { circle: 1, messages: -1 },
    { circle: 1, reactions: -1 },
  ],
  on: {
    'message-posted': add({ messages: 1 }),
    'reaction-added': add({ reactions: 1 }),
    'reaction-removed': add({ reactions: -1 }),
  },
};
