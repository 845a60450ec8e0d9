import { randomUUID } from 'node:crypto';

const mark = /qz[0-9a-f]{12}zq/g;

/** What must not be heard by everybody: who may know what by now, and what everybody has heard. */
export class Secrets {
  readonly faults: string[] = [];
  /** How often somebody heard a mark that they may know. */
  heardCount = 0;
  readonly #mayKnow = new Map<string, Set<string>>();
  readonly #words = new Map<string, Set<string>>();
  readonly #heard = new Map<string, string[]>();

  /** A new mark, to be put into what is said; these may know it. */
  mark(...people: readonly string[]): string {
    const made = `qz${randomUUID().replaceAll('-', '').slice(-12)}zq`;
    this.#mayKnow.set(made, new Set(people));
    return made;
  }

  /** From now on these people may know of what is marked so. */
  tell(marks: Iterable<string>, people: Iterable<string>): void {
    const told = [...people];
    for (const each of marks) for (const person of told) this.#mayKnow.get(each)?.add(person);
  }

  /** A secret that is the server's own, as a code; nobody but these may ever hear it. Looked for at the end. */
  keep(word: string, ...people: readonly string[]): void {
    const known = this.#words.get(word) ?? new Set();
    for (const person of people) known.add(person);
    this.#words.set(word, known);
  }

  /** Somebody has heard these bytes: every mark in them must be one that they may know now. */
  hear(person: string, where: string, text: string): void {
    const texts = this.#heard.get(person) ?? [];
    this.#heard.set(person, texts);
    texts.push(text);
    for (const [found] of text.matchAll(mark)) {
      if (this.#mayKnow.get(found)?.has(person)) this.heardCount++;
      else this.faults.push(`${found} was told to ${person}: ${where}: ${text.slice(0, 400)}`);
    }
  }

  /** Who has heard one of the server's own secrets that is not theirs. */
  betrayed(): string[] {
    const found: string[] = [];
    for (const [word, known] of this.#words) {
      for (const [person, texts] of this.#heard) {
        if (known.has(person)) continue;
        if (texts.some((text) => text.includes(word))) found.push(`${word} to ${person}`);
      }
    }
    return found;
  }
}
