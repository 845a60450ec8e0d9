import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import type { Close } from '../../../../src/http/socket/close-codes.ts';
import { Intake } from '../../../../src/http/socket/intake.ts';
import { clientFrame, serverReceiver } from '../../../support/doubles/client-frame.ts';

const idle = { unanswered: 0, flowing: true, isGreeting: false, isPausing: false };
const ping = clientFrame('', { opcode: 9 });
const pong = clientFrame('', { opcode: 10 });
const close = clientFrame('', { opcode: 8 });
const pongs = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => pong));

/** An intake, what it has told its socket, and what it has passed on. */
const reading = ({ hasRate = true, isOpen = true } = {}) => {
  const told: string[] = [];
  const passed: Buffer[] = [];
  const time = { ms: 0 };
  const intake: Intake = new Intake({
    socket: { pause: () => void told.push('pause'), resume: () => void told.push('resume') },
    deliver: (bytes) => void passed.push(bytes),
    onExcess: ({ code }: Close) => {
      told.push(`close ${code}`);
      intake.close();
    },
    onClosed: () => void told.push('end'),
    onCut: () => void told.push('cut'),
    now: () => time.ms,
    hasRate,
  });
  if (isOpen) intake.open();
  return { intake, told, time, passed, frames: () => passed.length };
};

test('with 32 requests unanswered nothing more is read until one is answered [W16]', () => {
  const { intake, told } = reading();
  intake.steer({ ...idle, unanswered: limits.unansweredMax - 1 });
  expect([told, intake.paused]).toEqual([[], false]);
  intake.steer({ ...idle, unanswered: limits.unansweredMax });
  intake.steer({ ...idle, unanswered: limits.unansweredMax });
  expect([told, intake.paused]).toEqual([['pause'], true]);
  intake.steer({ ...idle, unanswered: limits.unansweredMax - 1 });
  expect([told, intake.paused]).toEqual([['pause', 'resume'], false]);
});

test('during the pause after a refusal nothing is read, and what had been read waits [W16]', () => {
  const { intake, told, frames } = reading();
  intake.steer({ ...idle, isPausing: true });
  intake.take(clientFrame('{}'));
  expect([told, frames()]).toEqual([['pause'], 0]);
  intake.steer(idle);
  expect([told, frames()]).toEqual([['pause', 'resume'], 1]);
});

test('while the client takes nothing, nothing more is read from it', () => {
  const { intake, told } = reading();
  intake.steer({ ...idle, flowing: false });
  intake.steer(idle);
  expect(told).toEqual(['pause', 'resume']);
});

test.each([
  ['pings', ping],
  ['pongs', pong],
  ['text messages', clientFrame('{}')],
])('of %s 600 are taken at once and 100 a second; the others wait [W16]', (_, frame) => {
  const { intake, told, time, frames } = reading();
  intake.take(Buffer.concat(Array.from({ length: 800 }, () => frame)));
  expect([frames(), told]).toEqual([limits.framesBurst, ['pause']]);
  time.ms = 9;
  intake.steer(idle);
  expect(frames()).toBe(limits.framesBurst);
  time.ms = 1000;
  intake.steer(idle);
  expect([frames(), told]).toEqual([limits.framesBurst + 100, ['pause']]);
  time.ms = 2000;
  intake.steer(idle);
  expect([frames(), told]).toEqual([limits.framesBurst + 200, ['pause']]);
  time.ms = 2010;
  intake.steer(idle);
  expect(told).toEqual(['pause', 'resume']);
});

test('what was not used is not saved up beyond the burst', () => {
  const { intake, time, frames } = reading();
  time.ms = 3_600_000;
  intake.take(pongs(limits.framesBurst + 1));
  expect(frames()).toBe(limits.framesBurst);
});

test('1 MiB is read at once and 256 KiB a second; beyond, the server reads on later [W16]', () => {
  const { intake, told, time, frames } = reading();
  const large = clientFrame('x'.repeat(60_000));
  for (let sent = 0; sent < 40; sent++) intake.take(large);
  // The last one may overdraw.
  const within = (bytes: number): number => Math.floor(bytes / large.length) + 1;
  expect([frames(), told]).toEqual([within(limits.bytesBurst), ['pause']]);
  time.ms = 1000;
  intake.steer(idle);
  expect(frames()).toBe(within(limits.bytesBurst + limits.bytesPerSecond));
});

test('without rates any number of frames is read; the bound of unanswered requests stays', () => {
  const { intake, told, frames } = reading({ hasRate: false });
  intake.take(pongs(10_000));
  expect([frames(), told]).toEqual([10_000, []]);
  intake.steer({ ...idle, unanswered: limits.unansweredMax });
  intake.take(pong);
  expect([frames(), told]).toEqual([10_000, ['pause']]);
});

test('what comes behind hello waits until that is answered [W1]', () => {
  const { intake, told, frames } = reading({ isOpen: false });
  intake.steer({ ...idle, isGreeting: true });
  expect(told).toEqual([]);
  intake.take(pongs(3));
  expect([frames(), told]).toEqual([0, ['pause']]);
  intake.open();
  intake.steer(idle);
  expect([frames(), told]).toEqual([3, ['pause', 'resume']]);
});

test('before hello a client may send a few frames, small ones, in a few pieces [W1] [W14]', () => {
  const noise = reading({ isOpen: false });
  noise.intake.take(pongs(limits.helloFramesMax));
  expect(noise.told).toEqual([]);
  noise.intake.take(pong);
  expect(noise.told).toEqual(['close 4400']);

  const large = reading({ isOpen: false });
  large.intake.take(clientFrame('x'.repeat(limits.helloBytesMax + 1)).subarray(0, 100));
  expect([large.told, large.frames()]).toEqual([['close 4413'], 0]);

  const slow = reading({ isOpen: false });
  for (const byte of clientFrame('x'.repeat(100))) slow.intake.take(Buffer.of(byte));
  expect(slow.told).toEqual(['close 4413']);
  expect(slow.frames()).toBeLessThan(limits.helloFramesMax + 8);
});

test('a message over 64 KiB is refused by its header, whole or in fragments [W14]', () => {
  const whole = reading();
  whole.intake.take(clientFrame('x'.repeat(limits.frameBytesMax + 1)).subarray(0, 14));
  expect([whole.told, whole.frames()]).toEqual([['close 4413'], 0]);

  const half = 'x'.repeat(limits.frameBytesMax / 2);
  const cut = reading();
  cut.intake.take(clientFrame(half, { fin: false }));
  cut.intake.take(clientFrame(half, { opcode: 0, fin: false }));
  expect(cut.told).toEqual([]);
  cut.intake.take(clientFrame('x', { opcode: 0 }));
  expect(cut.told).toEqual(['close 4413']);
});

test('a message in more than 256 pieces is refused, whatever stands between them [W14]', () => {
  const { intake, told } = reading();
  const piece = Buffer.concat([clientFrame('x', { opcode: 0, fin: false }), ping]);
  intake.take(clientFrame('x', { fin: false }));
  for (let pieces = 1; pieces < limits.piecesMax; pieces++) intake.take(piece);
  expect(told).toEqual([]);
  intake.take(piece);
  expect(told).toEqual(['close 4413']);
});

test('behind a close nothing is passed on; the end of the client ends it [W15]', () => {
  const { intake, told, frames } = reading();
  intake.steer({ ...idle, flowing: false });
  intake.take(pong);
  intake.close();
  intake.take(Buffer.concat([pong, clientFrame('{"t":"pong"}'), close]));
  expect([frames(), told]).toEqual([0, ['pause', 'resume', 'end']]);
});

test('who goes on sending behind a close is not read any more, and cut', () => {
  const many = reading();
  many.intake.close();
  many.intake.take(pongs(limits.framesBurst + 1));
  expect(many.told).toEqual(['pause']);

  const much = reading();
  much.intake.close();
  much.intake.take(clientFrame(Buffer.alloc(limits.discardedBytesMax)));
  expect(much.told).toEqual(['pause']);

  const late = reading();
  late.intake.close();
  late.time.ms = limits.closingGraceMs - 1;
  late.intake.take(clientFrame('{}'));
  expect(late.told).toEqual([]);
  late.time.ms++;
  late.intake.take(pong);
  expect(late.told).toEqual([]);
  late.intake.take(clientFrame('{}'));
  expect(late.told).toEqual(['cut']);
});

test('five signals are taken at once and five a second, the others are not [W16]', () => {
  const { intake, time } = reading();
  const taken = (at: number) => {
    time.ms = at;
    return Array.from({ length: 8 }, () => intake.takeSignal()).filter(Boolean).length;
  };
  expect([taken(0), taken(0), taken(400), taken(1400), taken(90_000)]).toEqual([5, 0, 2, 5, 5]);
  const { intake: free } = reading({ hasRate: false });
  expect(Array.from({ length: 99 }, () => free.takeSignal()).every(Boolean)).toBe(true);
});

const seed = 20261128;

test(`seed ${seed}: however bytes are cut, the library reads the same messages`, () => {
  const text = fc.string({ maxLength: 300 });
  const message = fc.array(text, { minLength: 1, maxLength: 5 });
  const control = fc.constantFrom(ping, pong);
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 12 }),
      fc.array(control, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }),
      (messages, controls, sizes) => {
        const frames = messages.flatMap((parts) =>
          parts.flatMap((part, index) => {
            const fin = index === parts.length - 1;
            return [
              clientFrame(part, { opcode: index === 0 ? 1 : 0, fin }),
              ...controls.splice(0, 1),
            ];
          }),
        );
        const bytes = Buffer.concat(frames);
        const heard: string[] = [];
        const receiver = serverReceiver((data) => heard.push(data.toString()));
        const intake = new Intake({
          socket: { pause: () => undefined, resume: () => undefined },
          deliver: (part) => receiver.write(part),
          onExcess: () => heard.push('excess'),
          onClosed: () => heard.push('closed'),
          onCut: () => heard.push('cut'),
          now: () => 0,
          hasRate: true,
        });
        intake.open();
        let at = 0;
        for (let turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          intake.take(bytes.subarray(at, at + size));
          at += size;
        }
        expect(heard).toEqual(messages.map((parts) => parts.join('')));
      },
    ),
    { seed, numRuns: 200 },
  );
});
