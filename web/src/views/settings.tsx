import { capitalized } from '../state/labels.ts';
import { type SettingsSection, settingsSections } from '../state/route.ts';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Link } from './link.tsx';
import { Main } from './main-area.tsx';
import { MiddleHead } from './middle-head.tsx';
import { AppearanceSettings } from './settings-appearance.tsx';
import { PasswordSettings } from './settings-password.tsx';
import { ProfileSettings } from './settings-profile.tsx';
import { SessionSettings } from './settings-sessions.tsx';

const sections: Readonly<Record<SettingsSection, () => preact.JSX.Element>> = {
  profile: ProfileSettings,
  password: PasswordSettings,
  sessions: SessionSettings,
  appearance: AppearanceSettings,
};

/** The settings of the user and this page. */
export const Settings = ({ section }: { readonly section: SettingsSection }) => {
  const app = useApp();
  const Section = sections[section];
  const title = capitalized(section);
  const chat = useChat();
  const logOut = async (): Promise<void> => {
    const { hasUnsent } = chat;
    try {
      await app.http.logOut();
      app.leave();
      app.navigation.go({ at: 'home' }, { replace: true });
      if (hasUnsent)
        app.notify(
          'Your unsent messages and drafts are kept in this browser, for your account only.',
        );
    } catch (error) {
      app.fail(error);
    }
  };
  return (
    <Main class="middle settings" label="Settings" title={`${title} · Settings`}>
      <MiddleHead title="Settings" />
      <div class="settings-body">
        <nav class="settings-nav" aria-label="Settings">
          {settingsSections.map((name) => (
            <Link
              key={name}
              to={{ at: 'settings', section: name }}
              isCurrent={name === section}
              class="settings-link"
            >
              {capitalized(name)}
            </Link>
          ))}
          <Button onClick={() => void logOut()}>Log out</Button>
        </nav>
        <section class="settings-section" aria-label={title}>
          <h2>{title}</h2>
          <Section />
        </section>
      </div>
    </Main>
  );
};
