import type { Executor } from '../../app/operations/executor.ts';
import { createComponents } from './components.ts';
import { type Message, messagesOf } from './messages.ts';

const channel = { $ref: '#/channels/connect' };
const inChannel = (name: string) => ({ $ref: `#/channels/connect/messages/${name}` });

const operation = (action: 'receive' | 'send', { name, summary }: Message): object => ({
  action,
  channel,
  summary,
  messages: [inChannel(name)],
});

/** The socket as AsyncAPI 3.0, from the server's side: it receives requests and sends everything else. */
export const asyncapiOf = (executor: Executor): object => {
  const { schemas, reference } = createComponents();
  const { requests, commands, notices, answers, sent } = messagesOf(executor);
  const calls = [...requests, ...commands];
  const all = [...calls.map(({ request }) => request), ...notices, ...answers, ...sent];
  const messages = all.map(({ name, summary, form }) => [
    name,
    { name, summary, contentType: 'application/json', payload: reference(form) },
  ]);
  const unsolicited = sent.filter(({ name }) => name !== 'err');
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Oshi over a WebSocket',
      version: '1',
      description:
        'One JSON object per text message. This lists what the server receives and sends. The rules are in docs/protocol.md.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      connect: {
        address: '/v1/connect',
        title: 'The socket',
        description: 'A WebSocket with the subprotocol `oshi.v1`.',
        messages: Object.fromEntries(
          all.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    operations: Object.fromEntries([
      ...calls.map(({ request, answers }) => {
        const reply = { channel, messages: answers.map(inChannel) };
        return [request.name, { ...operation('receive', request), reply }];
      }),
      ...notices.map((notice) => [`receive.${notice.name}`, operation('receive', notice)]),
      ...unsolicited.map((frame) => [`send.${frame.name}`, operation('send', frame)]),
    ]),
    components: { messages: Object.fromEntries(messages), schemas },
  };
};
