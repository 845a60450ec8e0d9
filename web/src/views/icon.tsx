const shapes = {
  hash: 'M9 4 7 20M17 4l-2 16M4 9h16M3.5 15h16',
  plus: 'M12 5v14M5 12h14',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.6-4 3.2-6 6.5-6s5.9 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.5c1.9.9 3.1 2.7 3.5 5.5',
  pin: 'M9 3h6l-1 6 3.5 4H6.5L10 9 9 3zM12 13v8',
  reply: 'M10 6 4 12l6 6M4 12h9c4 0 7 2.5 7 7',
  smile:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c.9 1.4 2.1 2 3.5 2s2.6-.6 3.5-2M9 9.5v.5M15 9.5v.5',
  pencil: 'M4 20l1-4L16.5 4.5l3 3L8 19l-4 1zM14 7l3 3',
  more: 'M4.7 12h.6M11.7 12h.6M18.7 12h.6',
  send: 'M4 12 20 4l-5 16-3.5-6.5L4 12zM11.5 13.5 20 4',
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  down: 'M12 5v14M6 13l6 6 6-6',
  close: 'M6 6l12 12M18 6 6 18',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM19.4 13.5l1.6 1.2-2 3.4-1.9-.7a7.5 7.5 0 0 1-2.4 1.4L14.4 21h-4l-.4-2.2a7.5 7.5 0 0 1-2.4-1.4l-1.9.7-2-3.4 1.6-1.2a7.5 7.5 0 0 1 0-3L3.7 9.3l2-3.4 1.9.7A7.5 7.5 0 0 1 10 5.2L10.4 3h4l.3 2.2a7.5 7.5 0 0 1 2.4 1.4l1.9-.7 2 3.4-1.6 1.2a7.5 7.5 0 0 1 0 3z',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  compass: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15.5 8.5l-2 5-5 2 2-5 5-2z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  archive: 'M4 5h16v4H4zM5.5 9v10h13V9M10 13h4',
  trash: 'M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13',
  leave: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  bubble: 'M12 4a8 8 0 1 1-4 14.9L4 20l1.1-4A8 8 0 0 1 12 4z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2',
  check: 'M5 12.5l4.5 4.5L19 7',
  alert: 'M12 4 2.5 20h19L12 4zM12 10v5M12 17.5v.01',
} as const;

export type IconName = keyof typeof shapes;

/** A decorative icon. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
);

/** The logo of Oshi: a ring of people that is also a speech bubble. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M16 3.5a12.5 12.5 0 1 1-6.1 23.4l-5.4 1.6 1.6-5.4A12.5 12.5 0 0 1 16 3.5z" />
    <circle cx="16" cy="16" r="4.6" />
  </svg>
);
