import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { deferEnd } from '../../../../src/http/socket/socket-bytes.ts';

/** A socket whose end is handled when `waiting` runs; `ended` counts how often its first listener was called. */
const deferred = () => {
  const socket = Object.assign(new EventEmitter(), { destroyed: false });
  const waiting: (() => void)[] = [];
  const ended: unknown[] = [];
  socket.on('end', function (this: unknown) {
    ended.push(this);
  });
  deferEnd(socket as unknown as Socket, (run) => waiting.push(run));
  return { socket, waiting, ended };
};

test('the end of a socket reaches its listeners when it is scheduled, and not before', () => {
  const { socket, waiting, ended } = deferred();
  socket.emit('end');
  expect(ended).toEqual([]);
  for (const run of waiting) run();
  expect(ended).toEqual([socket]);
});

test('the end of a socket that was destroyed meanwhile reaches nobody', () => {
  const { socket, waiting, ended } = deferred();
  socket.emit('end');
  socket.destroyed = true;
  for (const run of waiting) run();
  expect(ended).toEqual([]);
});
