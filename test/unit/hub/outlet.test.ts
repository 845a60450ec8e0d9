import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { Outlet } from '../../../src/hub/outlet.ts';

const stageOf = () => {
  const written: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    ...{ writable: true, writableLength: 0, bytesWritten: 0 },
    write: (bytes: Buffer) => void written.push(bytes.toString()),
  });
  return { socket, written, outlet: new Outlet(socket as unknown as Socket) };
};

test('of what is kept the newest of each subject is written once it flows again [W13]', () => {
  const { socket, written, outlet } = stageOf();
  outlet.keep('a', Buffer.from('a1'));
  socket.writableLength = limits.waitingBytesMax + 1;
  for (const text of ['a2', 'b1', 'a3']) outlet.keep(text.slice(0, 1), Buffer.from(text));
  expect(written).toEqual(['a1']);
  socket.writableLength = 0;
  socket.emit('drain');
  expect(written).toEqual(['a1', 'a3', 'b1']);
  socket.emit('drain');
  expect(written).toHaveLength(3);
});

test('what is newer than what is kept takes its place', () => {
  const { socket, written, outlet } = stageOf();
  socket.writableLength = limits.waitingBytesMax + 1;
  outlet.keep('a', Buffer.from('a1'));
  socket.writableLength = limits.waitingBytesMax;
  outlet.keep('a', Buffer.from('a2'));
  socket.emit('drain');
  expect(written).toEqual(['a2']);
});

test('what is dropped first is dropped long before it stops to flow [W13]', () => {
  const { socket, outlet } = stageOf();
  socket.writableLength = limits.activityWaitingBytesMax;
  expect([outlet.calm, outlet.flowing]).toEqual([true, true]);
  socket.writableLength++;
  expect([outlet.calm, outlet.flowing]).toEqual([false, true]);
});
