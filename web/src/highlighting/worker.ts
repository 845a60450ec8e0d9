import { coloured } from './colour.ts';

/** The part of a worker's scope in use, by the types of a page. */
type Port = Pick<Worker, 'postMessage' | 'onmessage'>;

const port = globalThis as unknown as Port;

port.onmessage = ({ data: { language, text } }) => {
  port.postMessage(coloured(language, text));
};

// The time limit for the code starts now.
port.postMessage('ready');
