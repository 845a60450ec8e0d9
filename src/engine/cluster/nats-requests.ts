import { errors, type NatsConnection } from '@nats-io/transport-node';
import type { RequestHandler } from '../storage.ts';

const subject = 'oshi.requests';
const answerMsMax = 15_000;

/** Answers the requests of other processes until the connection is closed. */
export const answerRequestsOn = (nc: NatsConnection, handler: RequestHandler): void => {
  nc.subscribe(subject, {
    queue: 'oshi',
    callback: (error, message) => {
      if (error) return;
      void handler(message.string()).then((answer) => message.respond(answer));
    },
  });
};

/** Sends a request to a server that uses this NATS account. Undefined: there is none. */
export const requestOn = async (nc: NatsConnection, text: string): Promise<string | undefined> => {
  try {
    return (await nc.request(subject, text, { timeout: answerMsMax })).string();
  } catch (error) {
    if (error instanceof errors.RequestError && error.isNoResponders()) return undefined;
    throw error;
  }
};
