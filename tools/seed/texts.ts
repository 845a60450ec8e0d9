import type { Dice } from './dice.ts';

const words =
  'the of and a to in is you that it he was for on are as with his they I at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part cake tea garden bicycle'.split(
    ' ',
  );
const rarities = [
  'für',
  'naïve',
  '東京',
  'Ж',
  '👍',
  '🎂',
  'https://example.org/a?b=c',
  '`code`',
  '\n',
];
const syllables = 'ka lo mi ne ru sa ti vo xe zu bra dan fel gor hin jul'.split(' ');

export const emojis = ['👍', '🎉', '❤️', '😂', '👀', '🙏'] as const;

/** What somebody might write: mostly short, now and then a page. */
export const textOf = (dice: Dice): string => {
  const length = dice.next() < 0.02 ? 40 + dice.under(200) : 2 + dice.under(18);
  const chosen = Array.from({ length }, () =>
    dice.next() < 0.03 ? dice.pick(rarities) : dice.pick(words),
  );
  return `${chosen.join(' ')}${dice.pick(['.', '?', '!', ''])}` || 'ok';
};

/** A username that nobody else has. */
export const usernameOf = (dice: Dice, index: number): string =>
  `${dice.pick(syllables)}${dice.pick(syllables)}.${index.toString(36)}`;

export const titleOf = (dice: Dice): string => {
  const [first = 'x', ...rest] = `${dice.pick(words)} ${dice.pick(words)}`;
  return first.toUpperCase() + rest.join('');
};
