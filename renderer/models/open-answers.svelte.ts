import type { Request } from '../../main/contract/verbs.ts';
import type { Failure } from '../../main/contract/result.ts';
import { interpolations } from '../../models/manifest-values.ts';

type Told = Pick<Request<'models.import'>, 'answers' | 'labelsText'>;
type Questions = NonNullable<Failure['questions']>;
export type Asked = Questions['fields'][number];
type Found = Questions['found'];
type Number3 = [number | null, number | null, number | null];
export type Filter = NonNullable<Found['interpolation']>;
type Mode = NonNullable<Found['resize']>['mode'];

/** What checkpoints are usually prepared with; a person picks the one that the model's page names. */
export const usualScales = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  half: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  none: { mean: [0, 0, 0], std: [1, 1, 1] },
} satisfies Record<string, { mean: Number3; std: Number3 }>;
export type UsualScale = keyof typeof usualScales;

const isSide = (pixels: number | null): pixels is number => Number.isInteger(pixels) && pixels! > 0 && pixels! <= 16_384; // prettier-ignore
const all = (numbers: Number3): numbers is [number, number, number] => numbers.every((each) => Number.isFinite(each)); // prettier-ignore

/** What a person is asked about a model that waits to be imported, and what has been typed so far. */
export class OpenAnswers {
  readonly path: string;
  #fields = $state.raw<readonly Asked[]>([]);
  found: Found = $state.raw({});
  /** How many names are expected; null: not known yet. */
  classes: number | null = $state(null);
  /** Why the last answers did not do. */
  failure: Failure | null = $state.raw(null);

  heads: number | null = $state(null);
  height: number | null = $state(null);
  width: number | null = $state(null);
  mean: Number3 = $state([null, null, null]);
  std: Number3 = $state([null, null, null]);
  mode: Mode | null = $state(null);
  /** The side that is scaled, or the height of both. */
  resized: number | null = $state(null);
  resizedWidth: number | null = $state(null);
  interpolation: Filter | '' = $state('');
  cropHeight: number | null = $state(null);
  cropWidth: number | null = $state(null);
  labels = $state('');

  constructor(path: string, questions: Questions) {
    this.path = path;
    this.ask(questions, null);
  }
  asks(field: Asked): boolean {
    // What is cut off belongs to how photos are resized, and may be nothing.
    return this.#fields.includes(field) || (field === 'crop' && this.#fields.includes('resize'));
  }
  /** More is open, or what was said did not do: nothing that was typed is lost. */
  ask(questions: Questions | null, failure: Failure | null): void {
    this.failure = failure;
    if (!questions) return;
    const first = this.#fields.length === 0;
    this.#fields = [...new Set([...this.#fields, ...questions.fields])];
    this.classes = questions.classes ?? this.classes;
    this.found = questions.found;
    if (!first) return;
    const { heads, size, mean, std, resize, interpolation, crop } = questions.found;
    this.heads = heads ?? null;
    this.height = size?.height ?? null;
    this.width = size?.width ?? null;
    if (mean) this.mean = [...mean];
    if (std) this.std = [...std];
    this.interpolation = interpolation ?? '';
    this.mode = resize?.mode ?? null;
    this.resized = (resize && ('size' in resize ? resize.size : resize.height)) ?? this.height;
    this.resizedWidth = (resize && ('width' in resize ? resize.width : resize.size)) ?? this.width;
    this.cropHeight = crop?.height ?? null;
    this.cropWidth = crop?.width ?? null;
  }
  scale(usual: UsualScale): void {
    const { mean, std } = usualScales[usual];
    if (this.asks('mean')) this.mean = [...mean];
    if (this.asks('std')) this.std = [...std];
  }
  /** Names that are written one a line; null: JSON, or a list that goes by a word. */
  get names(): number | null {
    const text = this.labels.trim();
    return /^[[{]/.test(text) || text === 'imagenet-1k' ? null : text ? text.split('\n').length : 0;
  }
  get ready(): boolean {
    const { mode } = this;
    const crop = [this.cropHeight, this.cropWidth];
    const said: Record<Asked, boolean> = {
      heads: isSide(this.heads),
      size: isSide(this.height) && isSide(this.width),
      mean: all(this.mean),
      std: all(this.std) && this.std.every((each) => each > 0),
      resize: mode !== null && isSide(this.resized) && (mode !== 'exact' || isSide(this.resizedWidth)),
      interpolation: this.interpolation !== '',
      crop: crop.every(isSide) || crop.every((each) => each === null),
      labels: this.labels.trim() !== '',
    };
    return (Object.keys(said) as Asked[]).every((field) => !this.asks(field) || said[field]);
  }
  /** What is sent; of the fields that were asked for alone. */
  get told(): Told {
    const { mode, resized, resizedWidth, height, width, cropHeight, cropWidth } = this;
    const crop = cropHeight === null ? null : { height: cropHeight, width: cropWidth! };
    return {
      answers: {
        ...(this.asks('heads') && { heads: this.heads! }),
        ...(this.asks('size') && { size: { height: height!, width: width! } }),
        ...(this.asks('mean') && all(this.mean) && { mean: [...this.mean] }),
        ...(this.asks('std') && all(this.std) && { std: [...this.std] }),
        ...(this.asks('resize') && {
          resize: mode === 'exact' ? { mode, height: resized!, width: resizedWidth! } : { mode: mode!, size: resized! }, // prettier-ignore
        }),
        ...(this.asks('interpolation') && this.interpolation !== '' && { interpolation: this.interpolation }),
        ...(this.asks('crop') && { crop }),
      },
      ...(this.asks('labels') && { labelsText: this.labels }),
    };
  }
}

export const filters = interpolations;
