/** Copies a text to the clipboard; resolves with whether it succeeded. Without TLS only the older API is available. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
};

/** Nothing outside of an open dialog can be selected. */
const copySelected = (text: string): boolean => {
  const before = document.activeElement as HTMLElement | null;
  const area = document.createElement('textarea');
  area.className = 'visually-hidden';
  area.value = text;
  (before?.closest('dialog') ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  before?.focus({ preventScroll: true });
  return isCopied;
};
