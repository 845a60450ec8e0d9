import { errors, type NatsConnection } from '@nats-io/transport-node';
import { type RequestHandler, requestMsMax, unansweredRequest } from '../storage.ts';

const subject = 'oshi.requests';

/** Answers the requests of other processes until the connection is closed. Warns if the account does not allow it. */
export const answerRequestsOn = (
  nc: NatsConnection,
  handler: RequestHandler,
  onWarning: (line: string) => void,
): void => {
  nc.subscribe(subject, {
    queue: 'oshi',
    callback: (error, message) => {
      if (error) {
        onWarning(
          `oshi user can change accounts only while the server is stopped: ${error.message}; allow the subject ${subject}.`,
        );
        return;
      }
      void handler(message.string()).then((answer) => message.respond(answer));
    },
  });
};

/** Sends a request to a server that uses this NATS account. Undefined: there is none. */
export const requestOn = async (nc: NatsConnection, text: string): Promise<string | undefined> => {
  try {
    return (await nc.request(subject, text, { timeout: requestMsMax })).string();
  } catch (error) {
    if (error instanceof errors.RequestError && error.isNoResponders()) return undefined;
    throw error instanceof errors.TimeoutError ? unansweredRequest() : error;
  }
};
