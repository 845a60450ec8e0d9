import { qualified } from '../../../src/text/emoji.ts';
import { graphemesOf } from '../../../src/text/graphemes.ts';

/** The emoji in the picker, with their accessible names; any other can be typed. */
export const emoji: readonly (readonly [string, string])[] = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['😂', 'tears of joy'],
  ['🎉', 'party'],
  ['😮', 'surprised'],
  ['😢', 'sad'],
  ['🙏', 'thank you'],
  ['👀', 'eyes'],
  ['✅', 'done'],
  ['🔥', 'fire'],
  ['🚀', 'rocket'],
  ['💯', 'hundred'],
  ['😀', 'grin'],
  ['😊', 'smile'],
  ['😅', 'phew'],
  ['😉', 'wink'],
  ['😍', 'in love'],
  ['🤩', 'star-struck'],
  ['🤔', 'thinking'],
  ['😬', 'awkward'],
  ['🙃', 'upside down'],
  ['😴', 'asleep'],
  ['🤯', 'mind blown'],
  ['🥳', 'celebrating'],
  ['😎', 'cool'],
  ['🥲', 'smile through tears'],
  ['😭', 'crying'],
  ['😡', 'angry'],
  ['🤷', 'shrug'],
  ['🤦', 'facepalm'],
  ['👎', 'thumbs down'],
  ['👏', 'clapping'],
  ['🙌', 'hands up'],
  ['👋', 'wave'],
  ['💪', 'strong'],
  ['🤝', 'handshake'],
  ['✨', 'sparkles'],
  ['⭐', 'star'],
  ['💡', 'idea'],
  ['❓', 'question'],
  ['❗', 'important'],
  ['⏳', 'waiting'],
  ['☕', 'coffee'],
  ['🍰', 'cake'],
  ['🌱', 'seedling'],
  ['🌸', 'blossom'],
  ['🐛', 'bug'],
  ['🎈', 'balloon'],
];

/** Whether the grapheme is displayed as an emoji. */
export const isEmoji = (grapheme: string): boolean =>
  /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier_Base}\p{Emoji_Modifier})/u.test(
    grapheme,
  );

/** The first emoji of a text, if it starts with one. */
export const emojiOf = (text: string): string | undefined => {
  const [first = ''] = graphemesOf(text.trim());
  return qualified(first);
};
