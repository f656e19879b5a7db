/** What follows from the settings outside the page: the system's theme for native parts, the menu's language. */
import { nativeTheme } from 'electron';
import type { Broker } from '../broker/broker.ts';
import type { Settings } from '../contract/entities/settings.ts';
import { setMenu } from './menu.ts';
import type { Command } from './menu.ts';
import { setLanguage } from './words.ts';

export function followSettings(broker: Broker, tell: (command: Command) => void): void {
  const apply = async (): Promise<void> => {
    const answer = await broker.ask('settings.get', {});
    if (!answer.ok) return;
    const { language, theme } = answer.value as Settings;
    nativeTheme.themeSource = theme;
    setLanguage(language);
    setMenu(tell);
  };
  setMenu(tell);
  void apply();
  broker.onEvent((event, payload) => {
    if (event === 'library.changed' && 'settings' in payload && payload.settings) void apply();
  });
}
