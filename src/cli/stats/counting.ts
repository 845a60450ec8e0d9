import { type CircleRow, circles } from '../../projections/models/circles.ts';
import { sessions } from '../../projections/models/sessions.ts';
import { type StreamRow, streams } from '../../projections/models/streams.ts';
import { type UserRow, users } from '../../projections/models/users.ts';
import { wallClock } from '../../runtime/clock.ts';
import { jsonLine } from '../../text/json-line.ts';
import { allRows, type ModelsToRead, withModels } from '../models-to-read.ts';
import { type Column, printRows, printValues, writeLines } from '../terminal/output.ts';
import { openSessions } from '../user/accounts.ts';

const dayMs = 86_400_000;
/** The periods that are counted, in days. */
const periods = [1, 7, 30] as const;

/** How many of these times are in each period. */
const within = (times: Iterable<number>, now: number) => {
  const ages = [...times].map((at) => (now - at) / dayMs);
  return periods.map((days) => ages.filter((age) => age <= days).length);
};

const countedUsers = async (models: ModelsToRead, now: number) => {
  const registered: number[] = [];
  let suspended = 0;
  for await (const rows of allRows<UserRow>(models, users)) {
    registered.push(...rows.map(({ registeredAt }) => registeredAt));
    suspended += rows.filter((row) => row.suspended !== undefined).length;
  }
  const seen = new Map<string, number>();
  let open = 0;
  for await (const rows of openSessions(models)) {
    open += rows.length;
    for (const { user, lastSeenAt } of rows) {
      seen.set(user, Math.max(seen.get(user) ?? 0, lastSeenAt));
    }
  }
  return {
    users: registered.length,
    suspended,
    sessions: open,
    registered: within(registered, now),
    active: within(seen.values(), now),
  };
};

const countedCircles = async (models: ModelsToRead) => {
  const counts = { public: 0, private: 0, directs: 0 };
  for await (const rows of allRows<CircleRow>(models, circles)) {
    for (const { kind, visibility, deleted } of rows) {
      if (!deleted) counts[kind === 'direct' ? 'directs' : visibility] += 1;
    }
  }
  let [open, messages] = [0, 0];
  for await (const rows of allRows<StreamRow>(models, streams)) {
    open += rows.filter(({ deleted }) => !deleted).length;
    messages += rows.reduce((sum, { last }) => sum + last, 0);
  }
  return { ...counts, streams: open, messages };
};

const commitsIn = async ({ log }: ModelsToRead): Promise<number> => {
  const numbers = Array.from({ length: log.info.partitions }, (_, partition) => partition);
  const heads = await Promise.all(numbers.map((partition) => log.head(partition)));
  return heads.reduce((sum, head) => sum + head, 0);
};

type Period = { readonly days: number; readonly registered: number; readonly active: number };

const periodTable: readonly Column<Period>[] = [
  { text: 'last', of: ({ days }) => (days === 1 ? '24 hours' : `${days} days`) },
  { text: 'registered', isNumber: true, of: ({ registered }) => registered },
  { text: 'active users', isNumber: true, of: ({ active }) => active },
];

export const stats = ({ json }: { readonly json?: boolean }): Promise<void> =>
  withModels([users, sessions, circles, streams], async (models) => {
    const { registered, active, ...people } = await countedUsers(models, wallClock());
    const { directs, ...places } = await countedCircles(models);
    const rows = periods.map((days, at) => ({
      days,
      registered: registered[at] ?? 0,
      active: active[at] ?? 0,
    }));
    const commits = await commitsIn(models);
    if (json) {
      return writeLines([jsonLine({ ...people, ...places, directs, commits, periods: rows })]);
    }
    await printValues({
      users: people.users,
      'suspended users': people.suspended,
      'open sessions': people.sessions,
      'public circles': places.public,
      'private circles': places.private,
      'direct conversations': directs,
      streams: places.streams,
      messages: places.messages,
      'commits in the log': commits,
    });
    await writeLines(['']);
    await printRows(rows, { table: periodTable, none: '' });
  });
