/** A UUID of version 7 (RFC 9562) with the time `at`, in ms since 1970. */
export const uuid7 = (at: number, random: () => number): string => {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0');
  const chance = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += Math.trunc(random() * 16).toString(16);
    return text;
  };
  const variant = '89ab'.charAt(Math.trunc(random() * 4));
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance(3)}-${variant}${chance(3)}-${chance(12)}`;
};
