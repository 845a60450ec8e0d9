/**
 * A custom projection: posts and reactions per user and circle, and the time of the last one.
 *
 *     OSHI_PROJECTIONS=examples/leaderboard.js npm start
 *     npx oshi rows leaderboard --where circle=<circle> --sort -messages --limit 10
 *
 * `messages` counts posts, including deleted ones: `message-deleted` names the user who deleted it, not its author.
 * `reactions` counts those not removed. For projections see docs/projections.md.
 */

/**
 * Adds to a user's row.
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
