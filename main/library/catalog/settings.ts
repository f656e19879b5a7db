/** Settings and the few other values the catalog remembers by name, as JSON. */
import type { Settings } from '../../contract/entities/settings.ts';
import type { Catalog } from './database.ts';

const defaultSettings: Settings = {
  model: 'starter',
  provider: 'auto',
  precision: 'auto',
  batch: null,
  cacheMegabytes: 1000,
  language: 'system',
  theme: 'system',
  stacks: false,
  topK: 5,
};

export function readValue<T>(catalog: Catalog, name: string, otherwise: T): T {
  const row = catalog.one<{ value: string }>('SELECT value FROM settings WHERE name = ?', name);
  return row ? (JSON.parse(row.value) as T) : otherwise;
}

export function writeValue(catalog: Catalog, name: string, value: unknown): void {
  catalog.run('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', name, JSON.stringify(value));
}

export function readSettings(catalog: Catalog): Settings {
  return { ...defaultSettings, ...readValue<Partial<Settings>>(catalog, 'settings', {}) };
}

export function writeSettings(catalog: Catalog, change: Partial<Settings>): Settings {
  const settings = { ...readSettings(catalog), ...change };
  writeValue(catalog, 'settings', settings);
  return settings;
}
