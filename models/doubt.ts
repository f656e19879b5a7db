/** What a model that tells no threshold of doubt is given. */
import { half } from './heads/head.ts';
import { type InstalledModel, writeManifest } from './store.ts';

export const halfDoubt = { method: 'max-probability', threshold: half } as const;

/** An installed model of before imports gave doubt: it would say "never unsure". */
export const lacksDoubt = ({ builtIn, manifest }: InstalledModel): boolean =>
  !builtIn && manifest.doubt === null && manifest.labels.length > 0;

/** Gives an installed model what an import would give it now. */
export const giveDoubt = ({ folder, manifest }: InstalledModel): void =>
  writeManifest(folder, { ...manifest, doubt: halfDoubt });
