/**
 * A projection of one's own: who wrote how many messages in which circle, and when last.
 *
 *     OSHI_PROJECTIONS=examples/leaderboard.js npm start
 *
 * Its documents are in the collection `leaderboard_v1`; docs/replay-and-attach.md says how it works.
 *
 * @type {import('../src/projections/projection.ts').Projection}
 */
export const projection = {
  name: 'leaderboard',
  version: 1,
  indexes: [{ circle: 1, messages: -1 }],
  on: {
    'message-posted': ({ by, at }, { circle }) => [
      {
        updateOne: {
          filter: { _id: `${circle}/${by}` },
          update: {
            $inc: { messages: 1 },
            $max: { lastAt: at },
            $setOnInsert: { circle, user: by },
          },
          upsert: true,
        },
      },
    ],
  },
};
