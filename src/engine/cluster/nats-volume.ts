import type { NatsConnection } from '@nats-io/transport-node';
import type { Volume } from '../../store/volume.ts';

const answerMsMax = 2000;

/** What is used, and the limit; -1: none. */
type Usage = {
  readonly storage: number;
  readonly streams: number;
  readonly limits: { readonly max_storage: number };
};

type AccountInfo = Usage & {
  readonly error?: { readonly description?: string };
  /** An account may have limits by number of replicas instead. */
  readonly tiers?: Readonly<Record<string, Usage>>;
};

/** JetStream's storage for this account. It is only known if the account has a limit: servers do not report their disk. */
export const natsVolume = (nc: NatsConnection): Volume => ({
  name: 'the JetStream storage of the NATS account',
  freeBytes: async () => {
    const answer = await nc.request('$JS.API.INFO', '', { timeout: answerMsMax });
    const { error, tiers, ...account } = answer.json<AccountInfo>();
    if (error) throw new Error(`JetStream refuses to report the account: ${error.description}`);
    const free = Object.values(tiers ?? { account })
      .filter(({ streams, limits }) => streams > 0 && limits.max_storage > 0)
      .map(({ storage, limits }) => Math.max(0, limits.max_storage - storage));
    return free.length === 0 ? undefined : Math.min(...free);
  },
});
