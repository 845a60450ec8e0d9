import { formatPosition } from '../../events/position.ts';
import type { ProjectionStatus } from '../../projections/status.ts';
import { type Colour, type Colours, plain } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { shown } from '../terminal/shown.ts';

/** Identifies a projection among others with its name: other versions, and rebuilds. */
export const keyOf = ({ name, version, collection }: ProjectionStatus): string =>
  collection ?? `${name}_v${version}`;

/** A status as JSON. */
export const objectOf = (status: ProjectionStatus) => {
  const { run, applied, heads, isOwn, ...rest } = status;
  const { by, runner, since, at, events, rate, failure } = run ?? {};
  const told = { by, runner, since, told: at, events, rate: rateOf(status), failure };
  return {
    ...rest,
    own: isOwn,
    positions: applied.map((seq, partition) => formatPosition({ partition, seq })),
    ends: heads.map((seq, partition) => formatPosition({ partition, seq })),
    ...(run ? told : { rate }),
  };
};

/** Events per second, while it is running. */
const rateOf = ({ state, run }: ProjectionStatus): number =>
  run && (state === 'live' || state === 'catching-up') ? run.rate : 0;

const sumOf = (places: readonly number[]): number => places.reduce((sum, place) => sum + place, 0);

const heads = ['name', 'version', 'by', 'state', 'position', 'lag', 'rate'] as const;
const numbers = new Set<string>(['version', 'position', 'lag', 'rate']);

/** All statuses as a table, followed by the failures. */
export const textOf = (statuses: readonly ProjectionStatus[], colours: Colours = plain): string => {
  const rows = statuses.map((status) => {
    const { name, version, run, state, applied, lag } = status;
    const rate = rateOf(status);
    const state_ = colourOf(state, colours)(state);
    return [
      shown(name),
      `${version}`,
      run?.by ?? '',
      state_,
      `${sumOf(applied)}`,
      `${lag}`,
      rate > 0 ? `${rate}/s` : '',
    ];
  });
  const table = columns({
    heads: heads.map((head) => ({ text: colours.faint(head), isNumber: numbers.has(head) })),
    rows,
  });
  return [table, ...statuses.flatMap((status) => failureOf(status, colours))].join('\n');
};

const colourOf = (state: ProjectionStatus['state'], { good, busy, bad, faint }: Colours): Colour =>
  ({
    live: good,
    'catching-up': busy,
    failed: bad,
    stopped: faint,
    'not running': faint,
  })[state];

/** The error of a failed projection, and what to do. */
const failureOf = ({ name, isOwn, state, run }: ProjectionStatus, { bad }: Colours): string[] => {
  const failure = run?.failure;
  if (!failure || state !== 'failed') return [];
  const { event, message, at } = failure;
  const place = event ? ` on a ${event.k} at ${event.position}` : '';
  const advice = isOwn
    ? 'this is a bug in Oshi: restart the server with a version that fixes it'
    : `fix it, then run: oshi projections resume ${name}`;
  return [
    '',
    bad(`${shown(name)} has failed${place}, ${new Date(at).toISOString()}`),
    `  ${shown(message)}`,
    `  ${advice}`,
  ];
};

const barLength = 24;

/** A progress bar for each projection that is catching up, with its speed and the time left. */
export const barsOf = (
  statuses: readonly ProjectionStatus[],
  speedOf: (status: ProjectionStatus) => number | undefined,
): string[] => {
  const busy = statuses.filter(({ state }) => state === 'catching-up');
  if (busy.length === 0) return [];
  const rows = busy.map((status) => {
    const [done, total] = [sumOf(status.applied), sumOf(status.heads)];
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const full = Math.floor(share * barLength);
    const bar = `${'█'.repeat(full)}${'░'.repeat(barLength - full)}`;
    const speed = speedOf(status) ?? 0;
    const left = speed > 0 ? `${timeText(status.lag / speed)} left` : '';
    return [
      shown(status.name),
      bar,
      `${Math.floor(share * 100)} %`,
      `${done} of ${total} places`,
      speed > 0 ? `${Math.round(speed)}/s` : '',
      left,
    ];
  });
  const isNumber = [false, false, true, true, true, true];
  return ['', columns({ heads: isNumber.map((is) => ({ text: '', isNumber: is })), rows })];
};

export const timeText = (seconds: number): string => {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} m ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
};
