import { isolate } from '../../../src/text/direction.ts';
import type { App } from '../app.ts';
import type { Chat } from '../state/chat.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import type { MenuItem } from './menu.tsx';

/** The user's actions for a circle. */
export const circleActions = (app: App, chat: Chat, room: CircleRoom): MenuItem[] => {
  const circle = room.id;
  const open = (is: 'invites' | 'create-stream' | 'circle-settings' | 'nickname') => () =>
    app.show({ is, circle });
  const openHistory = () => app.navigation.go({ at: 'history', circle });
  const rename = open('nickname');
  const nickname: MenuItem = { icon: 'pencil', label: 'Your nickname here', onChoose: rename };
  if (room.isOwner(chat.me.id)) {
    return [
      { icon: 'people', label: 'Invite people', onChoose: open('invites') },
      { icon: 'hash', label: 'New stream', onChoose: open('create-stream') },
      { icon: 'gear', label: 'Circle settings', onChoose: open('circle-settings') },
      { icon: 'clock', label: 'History', onChoose: openHistory },
      nickname,
    ];
  }
  const leave = () =>
    app.ask({
      title: `Leave ${isolate(room.entry.value.name)}?`,
      text: 'You will no longer see its messages. You can rejoin if the circle is public, or with an invite.',
      action: 'Leave',
      run: (signal) => chat.client.command('leave-circle', { circle }, { signal }),
    });
  return [nickname, { icon: 'leave', label: 'Leave circle', isDanger: true, onChoose: leave }];
};
