import type { Anchor, Placement } from '../state/scrolling.ts';

const keyed = (area: HTMLElement): HTMLElement[] => [
  ...area.querySelectorAll<HTMLElement>('[data-key]'),
];

/** The first row completely below the area's top edge, by binary search: rows are in order from top to bottom. */
export const anchorOf = (area: HTMLElement): Anchor | undefined => {
  const rows = keyed(area);
  const edge = area.getBoundingClientRect().top;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const top = rows[middle]?.getBoundingClientRect().top ?? 0;
    if (top < edge) low = middle + 1;
    else high = middle;
  }
  const row = rows[low] ?? rows.at(-1);
  const key = row?.dataset.key;
  return row && key !== undefined
    ? { key, top: row.getBoundingClientRect().top - edge }
    : undefined;
};

/** Scrolls an area to its placement; without effect if the row no longer exists. */
export const place = (area: HTMLElement, placement: Placement | undefined): void => {
  if (!placement) return;
  switch (placement.to) {
    case 'bottom':
      area.scrollTop = area.scrollHeight;
      break;
    case 'anchor': {
      const { key, top } = placement.anchor;
      const row = keyed(area).find((each) => each.dataset.key === key);
      if (row)
        area.scrollTop += row.getBoundingClientRect().top - area.getBoundingClientRect().top - top;
      break;
    }
    case 'divider': {
      const line = keyed(area).find((each) => each.dataset.key === 'new');
      if (line) putAt(area, line, 0.2);
      else area.scrollTop = area.scrollHeight;
      break;
    }
    case 'message': {
      const row = area.querySelector<HTMLElement>(`[data-m="${placement.m}"]`);
      if (row) show(area, row);
      break;
    }
  }
};

const putAt = (area: HTMLElement, row: HTMLElement, share: number): void => {
  const top = row.getBoundingClientRect().top - area.getBoundingClientRect().top;
  area.scrollTop += top - area.clientHeight * share;
};

/** Centers a message and highlights it briefly. */
const show = (area: HTMLElement, row: HTMLElement): void => {
  putAt(area, row, 0.35);
  row.classList.remove('highlighted');
  void row.offsetWidth;
  row.classList.add('highlighted');
  row.querySelector<HTMLElement>('article')?.focus({ preventScroll: true });
};
