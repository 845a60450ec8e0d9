/** The other tabs of this browser on this server, which share its session; `onUser` is called when a user logs in there. */
export const openTabs = (onUser: (user: string) => void) => {
  const channel = channelIfAllowed();
  if (channel) channel.onmessage = ({ data }: MessageEvent<string>) => onUser(data);
  return {
    /** Says that a user has logged in here. */
    sayUser: (user: string): void => channel?.postMessage(user),
  };
};

/** A browser that lets a page keep nothing may deny this too. */
const channelIfAllowed = (): BroadcastChannel | undefined => {
  try {
    return new BroadcastChannel('oshi');
  } catch {
    return undefined;
  }
};
