import { formatPosition } from '../../events/position.ts';
import type { ProjectionStatus } from '../../projections/status.ts';
import { type Colour, type Colours, plain } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { shown } from '../terminal/shown.ts';

/** Tells projections apart that have one name: other versions, and what is being rebuilt. */
export const keyOf = ({ name, version, collection }: ProjectionStatus): string =>
  collection ?? `${name}_v${version}`;

/** A projection as programs read it. */
export const objectOf = (standing: ProjectionStatus) => {
  const { run, applied, heads, isOwn, ...rest } = standing;
  const { by, runner, since, at, events, rate, failure } = run ?? {};
  const told = { by, runner, since, told: at, events, rate: rateOf(standing), failure };
  return {
    ...rest,
    own: isOwn,
    positions: applied.map((seq, partition) => formatPosition({ partition, seq })),
    ends: heads.map((seq, partition) => formatPosition({ partition, seq })),
    ...(run ? told : { rate }),
  };
};

/** Events a second, as long as somebody runs it. */
const rateOf = ({ state, run }: ProjectionStatus): number =>
  run && (state === 'live' || state === 'catching-up') ? run.rate : 0;

const sumOf = (places: readonly number[]): number => places.reduce((sum, place) => sum + place, 0);

const heads = ['name', 'version', 'by', 'state', 'position', 'lag', 'rate'] as const;
const numbers = new Set<string>(['version', 'position', 'lag', 'rate']);

/** All projections for people: a line each, and below what is wrong with those that have failed. */
export const textOf = (
  standings: readonly ProjectionStatus[],
  colours: Colours = plain,
): string => {
  const rows = standings.map((standing) => {
    const { name, version, run, state, applied, lag } = standing;
    const rate = rateOf(standing);
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
  return [table, ...standings.flatMap((standing) => failureOf(standing, colours))].join('\n');
};

const colourOf = (state: ProjectionStatus['state'], { good, busy, bad, faint }: Colours): Colour =>
  ({
    live: good,
    'catching-up': busy,
    failed: bad,
    stopped: faint,
    'not running': faint,
  })[state];

/** What a failed one broke on, and what to do. */
const failureOf = ({ name, isOwn, state, run }: ProjectionStatus, { bad }: Colours): string[] => {
  const failure = run?.failure;
  if (!failure || state !== 'failed') return [];
  const { event, message, at } = failure;
  const place = event ? ` on a ${event.k} at ${event.position}` : '';
  const advice = isOwn
    ? 'this is a fault of Oshi’s: start the server again with a version that mends it'
    : `mend it, then: oshi projections resume ${name}`;
  return [
    '',
    bad(`${shown(name)} has failed${place}, ${new Date(at).toISOString()}`),
    `  ${shown(message)}`,
    `  ${advice}`,
  ];
};

const barLength = 24;

/** A bar for each that is catching up, with its speed and the time left. */
export const barsOf = (
  standings: readonly ProjectionStatus[],
  speedOf: (standing: ProjectionStatus) => number | undefined,
): string[] => {
  const busy = standings.filter(({ state }) => state === 'catching-up');
  if (busy.length === 0) return [];
  const rows = busy.map((standing) => {
    const [done, total] = [sumOf(standing.applied), sumOf(standing.heads)];
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const full = Math.floor(share * barLength);
    const bar = `${'█'.repeat(full)}${'░'.repeat(barLength - full)}`;
    const speed = speedOf(standing) ?? 0;
    const left = speed > 0 ? `${timeText(standing.lag / speed)} left` : '';
    return [
      shown(standing.name),
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

/** A length of time for people: `7 s`, `2 m 5 s`, `1 h 10 m`. */
export const timeText = (seconds: number): string => {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} m ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
};
