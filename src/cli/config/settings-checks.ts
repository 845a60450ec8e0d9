import {
  type Config,
  ConfigError,
  configOf,
  type Environment,
  unknownVariables,
  variables,
} from '../../config.ts';
import { type Check, isLoopback } from '../../engine/check.ts';

/** The settings, if they are valid, and the checks of them alone. */
export type CheckedSettings = {
  readonly config: Config | undefined;
  readonly checks: readonly Check[];
};

/** Checks the settings of an environment: all that are invalid, unknown, without effect, or unsafe. */
export const checkSettings = (environment: Environment): CheckedSettings => {
  const { config, errors } = parsed(environment);
  const unknown = unknownVariables(environment).map(
    (found): Check => ({ status: 'warning', name: 'settings', found }),
  );
  if (errors.length > 0) return { config: undefined, checks: [...errors, ...unknown] };
  const count = variables.filter((name) => environment[name]).length;
  const found = count === 1 ? '1 variable is set' : `${count} variables are set`;
  const valid: Check = { status: 'ok', name: 'settings', found: `${found}, with valid values` };
  const checks = [valid, ...unknown, ...idleIn(environment, config), ...weaknessesOf(config)];
  return { config, checks };
};

/** Parses the settings, leaving out one invalid one after the other. */
const parsed = (environment: Environment): { config: Config; errors: Check[] } => {
  const errors: Check[] = [];
  const rest = { ...environment };
  for (;;) {
    try {
      return { config: configOf(rest), errors };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      errors.push({ status: 'error', name: 'settings', found: error.message });
      const [name = ''] = /^OSHI_\w+/.exec(error.message) ?? [];
      if (rest[name] === undefined) throw error;
      rest[name] = undefined;
    }
  }
};

/** Settings for servers without servers. */
const idleIn = (environment: Environment, { cluster }: Config): readonly Check[] =>
  Object.keys(environment)
    .filter(
      (name) =>
        /^OSHI_(NATS_(CREDENTIALS|TLS_\w+|REPLICAS)|PARTITIONS)$/.test(name) && environment[name],
    )
    .filter(() => cluster === undefined)
    .map((name) => ({
      ...{ status: 'warning', name: 'settings', found: `${name} has no effect on files` },
      remedy: 'set OSHI_NATS_URL and OSHI_MONGODB_URL, or remove it',
    }));

type Weakness = {
  readonly name: string;
  readonly isWeak: (config: Config) => boolean;
  /** What is good about a setting that is not weak. */
  readonly good: string;
  readonly weak: string;
  readonly remedy: string;
};

const isPublic = ({ host }: Config): boolean => !isLoopback(host);

const weaknesses: readonly Weakness[] = [
  {
    name: 'proxy',
    isWeak: (config) => isPublic(config) && config.trustProxy === true,
    good: 'addresses of clients are taken from trusted proxies only',
    weak: 'any client that reaches Oshi can claim any address and TLS',
    remedy: 'set OSHI_TRUST_PROXY to the addresses of the proxy',
  },
  {
    name: 'metrics',
    isWeak: (config) => isPublic(config) && config.metricsToken === undefined,
    good: 'can be read with a token, or on this machine only',
    weak: 'can be read by any client that reaches Oshi',
    remedy: 'set OSHI_METRICS_TOKEN, or block /metrics at the proxy',
  },
  {
    name: 'registration',
    isWeak: (config) => isPublic(config) && config.registration === 'open',
    good: 'is restricted, or possible on this machine only',
    weak: 'is open to any client that reaches Oshi',
    remedy: 'set OSHI_REGISTRATION to invite or closed, unless everybody is welcome',
  },
  {
    name: 'rate limits',
    isWeak: ({ rateLimits }) => !rateLimits,
    good: 'on',
    weak: 'off: one client can take all of the server',
    remedy: 'set OSHI_RATE_LIMITS to on; off is for load tests',
  },
  {
    name: 'checkpoints',
    isWeak: ({ checkpointMinutes }) => checkpointMinutes === 0,
    good: 'are signed regularly',
    weak: 'off: oshi verify cannot detect that the end of the log was removed',
    remedy: 'set OSHI_CHECKPOINT_MINUTES to 60',
  },
];

const weaknessesOf = (config: Config): readonly Check[] =>
  weaknesses.map(({ name, isWeak, good, weak, remedy }) =>
    isWeak(config)
      ? { status: 'warning', name, found: weak, remedy }
      : { status: 'ok', name, found: good },
  );
