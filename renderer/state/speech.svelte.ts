import type { Label } from '../../models/manifest.ts';
import type { ModelSummary } from '../../main/contract/entities/model.ts';
import type { Settings } from '../../main/contract/entities/settings.ts';
import { en } from '../words/en.ts';
import type { Words } from '../words/en.ts';
import { Formats } from '../words/format.ts';
import type { Language } from '../words/format.ts';
import { zh } from '../words/zh-CN.ts';

const tables: Record<Language, Words> = { en, 'zh-CN': zh };
const formats: Record<Language, Formats> = { en: new Formats('en'), 'zh-CN': new Formats('zh-CN') };

/** The language in use: its words, its way to write numbers, its names of labels. */
export class Speech {
  #choice = $state<Settings['language']>('system');
  #system = $state('en');

  readonly language: Language = $derived.by(() => {
    const tag = this.#choice === 'system' ? this.#system : this.#choice;
    return tag.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
  });
  readonly words: Words = $derived(tables[this.language]);
  readonly formats: Formats = $derived(formats[this.language]);

  /** `system`: BCP 47 tag that "as the system" stands for. */
  use(choice: Settings['language'], system: string): void {
    this.#choice = choice;
    this.#system = system;
  }
  /** What ships is called in the language in use; other models have the one name. */
  model(model: Pick<ModelSummary, 'builtIn' | 'name'>): string {
    return model.builtIn ? this.words.starterName : model.name;
  }
  label(label: Label): string {
    return label.names?.[this.language] ?? label.name;
  }
}
