import { coloured } from './colour.ts';

/** What a worker does, of the types of a page. */
type Port = Pick<Worker, 'postMessage' | 'onmessage'>;

const port = globalThis as unknown as Port;

port.onmessage = ({ data: { language, text } }) => {
  port.postMessage(coloured(language, text));
};

// Only now does the time begin that the page gives to a piece of code.
port.postMessage('ready');
