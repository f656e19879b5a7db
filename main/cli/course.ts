/** How a run of `saccade classify` went, in sentences. */
import type { JobProgress } from '../contract/entities/path-job.ts';
import type { ClassifiedPhoto, Outcome } from '../report/outcome.ts';
import { leftOutSentence } from './left-out.ts';
import { duration } from './terminal.ts';

export class Course {
  ok = 0;
  failed = 0;
  unsure = 0;
  /** Seen by a model that has no labels. */
  unnamed = 0;
  progress: JobProgress | null = null;
  private first: ClassifiedPhoto | null = null;
  private readonly startedMs = Date.now();

  count(outcome: Outcome): void {
    if (outcome.status === 'error') this.failed++;
    else {
      this.first ??= outcome;
      this.ok++;
      if (!outcome.predictions.length) this.unnamed++;
      else if (outcome.unsure) this.unsure++;
    }
  }

  /** A sentence, or empty. */
  leftOut(): string {
    return leftOutSentence(this.progress?.leftOut ?? []);
  }

  /** "812 photos classified, 40 of them unsure, 2 failed"; "812 photos seen, none named: the model has no labels" */
  counts(): string {
    const photos = `${this.ok.toLocaleString('en')} ${this.ok === 1 ? 'photo' : 'photos'}`;
    const seesOnly = this.unnamed > 0 && this.unnamed === this.ok;
    const parts = [seesOnly ? `${photos} seen, none named: the model has no labels` : `${photos} classified`];
    if (this.unsure) parts.push(`${this.unsure.toLocaleString('en')} of them unsure`);
    if (this.failed) parts.push(`${this.failed.toLocaleString('en')} failed`);
    return parts.join(', ');
  }

  /** What the table's "?" says. */
  unsureSign(): string {
    return `"?" before a label: the model is unsure, no label is probable enough (${this.unsure.toLocaleString('en')} of ${this.ok.toLocaleString('en')}).`;
  }

  took(): string {
    return duration((Date.now() - this.startedMs) / 1000);
  }

  /** Model, and what computed; of an earlier run where nothing had to be computed. Empty where nothing is known. */
  placement(): string {
    const placement = this.progress?.placement;
    const { first } = this;
    if (!first) return '';
    if (!placement)
      return `${first.model} · ${first.placement.provider} · ${first.placement.precision} · all known before`;
    const { provider, device, precision, reason } = placement;
    return [first.model, `${provider} (${device})`, precision, reason].join(' · ');
  }
}
