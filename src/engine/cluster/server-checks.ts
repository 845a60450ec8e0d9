import { wallClock } from '../../runtime/clock.ts';
import type { Check } from '../check.ts';

/** What is known of a connection to a server. */
export type Link = {
  /** `NATS` or `MongoDB`. */
  readonly server: string;
  /** Whether all of its addresses are on this machine. */
  readonly isLocal: boolean;
  readonly hasTls: boolean;
  /** How the server knows Oshi; undefined if it accepts everybody. */
  readonly login: string | undefined;
};

/** Checks how a connection is protected. */
export const checkProtection = ({ server, isLocal, hasTls, login }: Link): readonly Check[] => {
  const local = isLocal ? ', on this machine' : '';
  const [tlsName, loginName] = [`${server} TLS`, `${server} login`];
  const tls: Check =
    hasTls || isLocal
      ? { status: 'ok', name: tlsName, found: hasTls ? 'in use' : `not in use${local}` }
      : {
          ...{ status: 'warning', name: tlsName, found: 'not in use to another machine' },
          remedy: `enable TLS in ${server}: others can read and change what is sent`,
        };
  const known: Check =
    login !== undefined || isLocal
      ? { status: 'ok', name: loginName, found: login ?? `none${local}` }
      : {
          ...{ status: 'warning', name: loginName, found: 'none' },
          remedy: `require a login in ${server}: any client that reaches it can read and write everything`,
        };
  return [tls, known];
};

/** A larger difference is reported, in ms. */
const differenceMsMax = 2_000;

/** Compares the clock of this machine with that of a server, in ms since 1970; undefined if it reports none. */
export const checkClock = async (
  server: string,
  ask: () => Promise<number | undefined>,
): Promise<Check> => {
  const name = `${server} clock`;
  const before = wallClock();
  const time = await ask().catch(() => undefined);
  if (time === undefined) return { status: 'ok', name, found: 'not reported by the server' };
  const difference = (before + wallClock()) / 2 - time;
  const seconds = (Math.abs(difference) / 1000).toFixed(1);
  const found = `this machine is ${seconds} s ${difference < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(difference) <= differenceMsMax) return { status: 'ok', name, found };
  const remedy = 'synchronise the clocks of both machines, for example with chrony';
  return { status: 'warning', name, found, remedy };
};
