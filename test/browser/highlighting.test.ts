import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Highlighter } from '../../web/src/browser/highlighter.ts';
import { coloured } from '../../web/src/highlighting/colour.ts';

it.each([
  ['ts', 'const a: string = `b`; // c'],
  ['py', 'def f(x):\n    return "é" + str(x)  # 😀'],
  ['html', '<p class="a">&amp; <script>alert(1)</script></p>'],
  ['sql', "SELECT *, count(*) FROM t WHERE a = 'b'"],
  ['bash', 'for f in *.o; do rm "$f"; done'],
  ['json', '{"a": [1, true, null'],
  ['rust', 'fn main() { let \u0000 = "never closed'],
])('%s: the tokens concatenate to the code', (language, code) => {
  const tokens = coloured(language, code);
  expect(tokens?.map(({ text }) => text).join('')).toBe(code);
  expect(tokens?.some(({ scope }) => scope !== undefined)).toBe(true);
});

it('code in an unknown language has none', () => {
  expect(coloured('text', 'a')).toBeUndefined();
  expect(coloured('constructor', 'a')).toBeUndefined();
});

/** A worker that answers nothing by itself. */
class SilentWorker {
  static readonly all: SilentWorker[] = [];
  readonly asked: unknown[] = [];
  isEnded = false;
  onmessage: ((event: { readonly data: unknown }) => void) | undefined;

  constructor() {
    SilentWorker.all.push(this);
  }

  postMessage(message: unknown): void {
    this.asked.push(message);
  }

  terminate(): void {
    this.isEnded = true;
  }
}

describe('the page', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('Worker', SilentWorker);
    SilentWorker.all.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('highlights code one piece after the other', async () => {
    const highlighter = new Highlighter();
    const answers = ['a', 'b'].map((text) => highlighter.coloured({ language: 'ts', text }));
    const [worker] = SilentWorker.all;
    expect(worker?.asked).toEqual([]);
    worker?.onmessage?.({ data: 'ready' });
    expect(worker?.asked).toHaveLength(1);
    worker?.onmessage?.({ data: [{ text: 'a' }] });
    worker?.onmessage?.({ data: undefined });
    expect(await Promise.all(answers)).toEqual([[{ text: 'a' }], undefined]);
    expect(SilentWorker.all).toHaveLength(1);
  });

  it('terminates a worker that takes too long, and stops after three', async () => {
    const highlighter = new Highlighter();
    const answers = ['a', 'b', 'c', 'd'].map((text) =>
      highlighter.coloured({ language: 'ts', text }),
    );
    for (let index = 0; index < 3; index++) {
      SilentWorker.all[index]?.onmessage?.({ data: 'ready' });
      vi.runAllTimers();
      expect(SilentWorker.all[index]?.isEnded).toBe(true);
    }
    expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await highlighter.coloured({ language: 'ts', text: 'e' })).toBeUndefined();
    expect(SilentWorker.all).toHaveLength(3);
  });

  it('leaves long code plain', async () => {
    const code = { language: 'ts', text: 'a'.repeat(20_001) };
    expect(await new Highlighter().coloured(code)).toBeUndefined();
    expect(SilentWorker.all).toHaveLength(0);
  });
});
