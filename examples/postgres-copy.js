/**
 * A copy of the circles, their members and the messages in PostgreSQL, for SQL queries.
 *
 *     DATABASE_URL=postgresql://localhost/chat npx oshi project examples/postgres-copy.js
 *
 * Without DATABASE_URL the variables of psql apply (PGHOST, PGDATABASE, …). Missing tables are created. Data deleted
 * in Oshi is deleted in the copy. For projections see docs/projections.md.
 */
import { env } from 'node:process';
import { external, Unavailable } from 'oshi/projection';
import pg from 'pg';

const { DATABASE_URL: connectionString } = env;

const tables = `
  CREATE TABLE IF NOT EXISTS oshi_circles (
    id uuid PRIMARY KEY, kind text NOT NULL, name text NOT NULL, visibility text NOT NULL, about text,
    created_at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS oshi_members (
    circle uuid REFERENCES oshi_circles ON DELETE CASCADE, member uuid, joined_at timestamptz NOT NULL,
    PRIMARY KEY (circle, member));
  CREATE TABLE IF NOT EXISTS oshi_messages (
    circle uuid REFERENCES oshi_circles ON DELETE CASCADE, stream uuid, id uuid,
    number int NOT NULL, author uuid NOT NULL, posted_at timestamptz NOT NULL,
    text text, edited_at timestamptz, deleted_at timestamptz,
    PRIMARY KEY (circle, stream, id), UNIQUE (circle, stream, number));
  CREATE TABLE IF NOT EXISTS oshi_position (
    incarnation text, partition int, place bigint NOT NULL, PRIMARY KEY (incarnation, partition));`;

const leave = ({ d }, { circle }) => [
  'DELETE FROM oshi_members WHERE (circle, member) = ($1, $2)',
  [circle, d.user],
];

/** Events of circles and members are written one by one: a statement, and its values. */
const statements = {
  'circle-created': ({ at, d }, { circle }) => [
    'INSERT INTO oshi_circles VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0))',
    [circle, d.kind, d.name, d.visibility, d.about, at],
  ],
  'circle-updated': ({ d }, { circle }) => [
    `UPDATE oshi_circles SET name = coalesce($2, name), visibility = coalesce($3, visibility),
      about = CASE WHEN $4 THEN $5 ELSE about END WHERE id = $1`,
    [circle, d.name, d.visibility, d.about !== undefined, d.about],
  ],
  'circle-deleted': (_, { circle }) => ['DELETE FROM oshi_circles WHERE id = $1', [circle]],
  'member-joined': ({ at, d }, { circle }) => [
    'INSERT INTO oshi_members VALUES ($1, $2, to_timestamp($3 / 1000.0))',
    [circle, d.user, at],
  ],
  'member-left': leave,
  'member-removed': leave,
  'stream-deleted': ({ d }, { circle }) => [
    'DELETE FROM oshi_messages WHERE (circle, stream) = ($1, $2)',
    [circle, d.id],
  ],
};

/** Changes of messages are combined per batch, since there are many. */
const changes = {
  'message-posted': ({ at, by, d }) => ({ number: d.m, author: by, posted: at, text: d.text }),
  'message-edited': ({ at, d }) => ({ text: d.text, edited: at }),
  'message-deleted': ({ at }) => ({ text: null, deleted: at }),
};

/** Writes the combined changes with two statements, and clears them. */
const writeMessages = async (client, messages) => {
  const values = [JSON.stringify([...messages.values()])];
  messages.clear();
  const table = `WITH e AS (SELECT circle, stream, id, number, author, text, to_timestamp(posted / 1000.0) AS posted_at,
    to_timestamp(edited / 1000.0) AS edited_at, to_timestamp(deleted / 1000.0) AS deleted_at
    FROM jsonb_to_recordset($1) AS e(circle uuid, stream uuid, id uuid, number int, author uuid, text text,
      posted bigint, edited bigint, deleted bigint))`;
  await client.query(
    `${table} INSERT INTO oshi_messages SELECT circle, stream, id, number, author, posted_at, text, edited_at, deleted_at
      FROM e WHERE number IS NOT NULL`,
    values,
  );
  await client.query(
    `${table} UPDATE oshi_messages m SET text = e.text, edited_at = coalesce(e.edited_at, m.edited_at),
      deleted_at = coalesce(e.deleted_at, m.deleted_at)
      FROM e WHERE e.number IS NULL AND (m.circle, m.stream, m.id) = (e.circle, e.stream, e.id)`,
    values,
  );
};

/**
 * Writes a batch of events.
 *
 * @param {pg.PoolClient} client
 * @param {readonly import('oshi/projection').SinkEvent[]} events
 */
const write = async (client, events) => {
  const messages = new Map();
  for (const event of events) {
    const { circle, id: stream } = event.where;
    const change = changes[event.k]?.(event);
    if (change) {
      const key = `${circle}/${stream}/${event.d.id}`;
      messages.set(key, { circle, stream, id: event.d.id, ...messages.get(key), ...change });
    } else {
      if (event.k.endsWith('-deleted')) await writeMessages(client, messages); // Otherwise they would be written after it.
      await client.query(...statements[event.k](event, event.where));
    }
  }
  await writeMessages(client, messages);
};

/** Transient errors: a lost connection, or a database that is unavailable, full, or locked. */
const passes = (error) =>
  error.severity === undefined ? !(error instanceof TypeError) : /^(08|40|53|57P)/.test(error.code);

export const projection = external({
  name: 'postgres-copy',
  version: 1,
  kinds: [...Object.keys(statements), ...Object.keys(changes)],
  async open({ incarnation, partitions }) {
    const pool = new pg.Pool({ connectionString });
    // An idle connection was lost: the pool opens a new one, and the transaction in progress fails.
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));

    const transaction = async (work) => {
      let client;
      try {
        client = await pool.connect();
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        client?.release(true); // Closes the connection, which rolls back.
        throw passes(error)
          ? new Unavailable(`PostgreSQL: ${error.message}`, { cause: error })
          : error;
      }
    };

    /** Data of another log is deleted. */
    const begin = async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('oshi'))");
      await client.query(tables);
      const other = await client.query('SELECT FROM oshi_position WHERE incarnation <> $1', [
        incarnation,
      ]);
      if (other.rowCount > 0)
        await client.query('TRUNCATE oshi_circles, oshi_members, oshi_messages, oshi_position');
      await client.query(
        'INSERT INTO oshi_position SELECT $1, generate_series(0, $2 - 1), 0 ON CONFLICT DO NOTHING',
        [incarnation, partitions],
      );
    };

    /** Locked until the end of the transaction, so that no other process stores meanwhile. */
    const positionIn = async (client, partition) => {
      const { rows } = await client.query(
        'SELECT place FROM oshi_position WHERE (incarnation, partition) = ($1, $2) FOR UPDATE',
        [incarnation, partition],
      );
      return rows[0] && Number(rows[0].place);
    };
    const known = (place) => {
      if (place === undefined) throw new Error('the tables were emptied for another log');
      return place;
    };

    await transaction(begin).catch(async (error) => {
      await pool.end();
      throw error;
    });
    return {
      position: async (partition) =>
        known(await transaction((client) => positionIn(client, partition))),
      async store({ partition, from, to, events }) {
        const place = await transaction(async (client) => {
          const found = await positionIn(client, partition);
          if (found !== from) return found;
          await write(client, events);
          await client.query(
            'UPDATE oshi_position SET place = $3 WHERE (incarnation, partition) = ($1, $2)',
            [incarnation, partition, to],
          );
          return to;
        });
        // At `to` or after: the batch was stored, and only the answer was lost.
        if (known(place) < to) throw new Unavailable('another process copies as well');
      },
      close: () => pool.end(),
    };
  },
});
