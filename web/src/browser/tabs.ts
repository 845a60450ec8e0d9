/**
 * The other tabs of this browser on this server, which share its session. `onUser` is called with the id of a user who
 * logs in there.
 */
export const openTabs = (onUser: (user: string) => void) => {
  const channel = channelIfAllowed();
  if (channel) channel.onmessage = ({ data }: MessageEvent<string>) => onUser(data);
  return {
    announce: (user: string): void => channel?.postMessage(user),
  };
};

/** A browser that denies storage may deny this too. */
const channelIfAllowed = (): BroadcastChannel | undefined => {
  try {
    return new BroadcastChannel('oshi');
  } catch {
    return undefined;
  }
};
