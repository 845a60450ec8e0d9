import { Deadline } from '../../runtime/deadline.ts';

/** One end of the IPC channel between the primary process and a worker. */
export type Port = {
  /** Sends a message, or loses it if the other process has ended. */
  send(message: object): void;
  listen(handler: (message: object) => void): void;
};

/** What is asked: of a worker its own metrics, of the primary process those of all. */
export const questions = { own: 'metrics', all: 'metrics of all' } as const;

type Message =
  | { readonly id: number; readonly ask: string }
  | { readonly id: number; readonly answer: unknown };

/** How long an answer is waited for, in ms. */
const answerMsMax = 2000;

/** Questions to another process, and answers to its own. */
export class Channel {
  readonly #port: Port;
  readonly #answers = new Map<string, () => Promise<unknown>>();
  readonly #asked = new Map<number, (answer: unknown) => void>();
  readonly #deadline: Deadline;
  #id = 0;

  constructor(port: Port, msMax = answerMsMax) {
    this.#port = port;
    this.#deadline = new Deadline(msMax);
    port.listen((message) => void this.#receive(message as Message));
  }

  /** Answers a question from now on; a failure is not answered. */
  answer(question: string, answer: () => Promise<unknown>): void {
    this.#answers.set(question, answer);
  }

  /** The answer to a question; undefined if none arrives in time. */
  async ask(question: string): Promise<unknown> {
    const id = this.#id++;
    const answer = new Promise<unknown>((resolve) => this.#asked.set(id, resolve));
    this.#port.send({ id, ask: question } satisfies Message);
    try {
      return await this.#deadline.within(answer, () => undefined);
    } finally {
      this.#asked.delete(id);
    }
  }

  async #receive(message: Message): Promise<void> {
    const { id } = message;
    if ('answer' in message) {
      this.#asked.get(id)?.(message.answer);
      return;
    }
    if (!('ask' in message)) return;
    const answer = await this.#answers
      .get(message.ask)?.()
      .catch(() => undefined);
    if (answer !== undefined) this.#port.send({ id, answer } satisfies Message);
  }
}
