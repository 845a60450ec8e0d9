import { clearInterval, setInterval } from '../runtime/timers.ts';
import type { Volume } from '../store/volume.ts';
import type { AppendTrouble } from './append-trouble.ts';

export type SpaceOptions = {
  readonly volumes: readonly Volume[];
  /** With fewer free bytes on any volume new content is refused; 0: it is never refused. */
  readonly reserveBytes: number;
  readonly trouble: Pick<AppendTrouble, 'fullReason'>;
  /** Called with one line when new content begins to be refused later, and when it is accepted again. */
  readonly onChange: (line: string) => void;
};

/** Whether there is space for new content. */
export type Space = {
  /** Why new content is refused and how to fix it, in one line; undefined: it is accepted. */
  shortage(): string | undefined;
  /** The free bytes of the volume with the least, as last measured; `NaN` if unknown. */
  freeBytes(): number;
  stop(): void;
};

/** Between two measurements, in ms: data must not grow by more than the reserve within it. */
const measureEveryMs = 5000;
/** New content is accepted again from so many times the reserve, so that the state does not flap. */
const enoughFactor = 1.25;

const mebibyte = 1024 ** 2;

/**
 * Measures the free space of all volumes regularly; resolves after the first measurement. New content is refused while
 * a volume has less than the reserve, and while the log rejects appends because it is full. A volume that cannot be
 * measured keeps its last result.
 */
export const watchSpace = async (options: SpaceOptions): Promise<Space> => {
  const { volumes, reserveBytes, trouble, onChange } = options;
  const free = new Map<Volume, number>();
  const low = new Set<Volume>();

  const measure = async (volume: Volume): Promise<void> => {
    const bytes = (await volume.freeBytes()) ?? Number.NaN;
    free.set(volume, bytes);
    const isLow = bytes < reserveBytes * (low.has(volume) ? enoughFactor : 1);
    if (isLow) low.add(volume);
    else low.delete(volume);
  };

  const reason = (): string | undefined => {
    const [volume] = low;
    if (!volume) return trouble.fullReason();
    const has = Math.floor((free.get(volume) ?? 0) / mebibyte);
    const reserve = reserveBytes / mebibyte;
    const needed = Math.ceil(reserve * enoughFactor);
    return `${volume.name} has ${has} MiB of free space, and ${needed} MiB are needed (OSHI_DISK_RESERVE=${reserve}): free space or enlarge it`;
  };

  const shortage = (): string | undefined => {
    const why = reserveBytes > 0 ? reason() : undefined;
    return why && `New content is refused: ${why}.`;
  };

  const measureAll = () => Promise.allSettled(volumes.map(measure));
  await measureAll();
  let reported = shortage() !== undefined;
  let isMeasuring = false;
  const look = async (): Promise<void> => {
    if (isMeasuring) return;
    isMeasuring = true;
    await measureAll();
    isMeasuring = false;
    const line = shortage();
    if ((line !== undefined) === reported) return;
    reported = !reported;
    onChange(line ?? 'New content is accepted again.');
  };
  const timer = setInterval(() => void look(), measureEveryMs).unref();

  return {
    shortage,
    freeBytes: () => {
      const known = [...free.values()].filter((bytes) => !Number.isNaN(bytes));
      return known.length === 0 ? Number.NaN : Math.min(...known);
    },
    stop: () => clearInterval(timer),
  };
};
