/** What a person says where no file beside the weights does. Said, it wins over what a file says. */
import { z } from 'zod';
import { interpolations } from '../manifest-values.ts';
import type { Assumption, Preprocessing } from '../manifest.ts';

const side = z.int().min(1).max(16_384);
const rectangle = z.strictObject({ height: side, width: side });
const channels = z.tuple([z.number(), z.number(), z.number()]);

/** One schema for whoever asks: the command line's flags and the window's form. */
export const importAnswers = z.strictObject({
  /** H: no tensor tells how many heads share its columns. */
  heads: z.int().min(1).max(1024).optional(),
  /** Pixels of the model's input. */
  size: rectangle.optional(),
  /** Per channel R, G, B, of values in 0 … 1. */
  mean: channels.optional(),
  std: channels.optional(),
  resize: z
    .union([
      z.strictObject({ mode: z.enum(['shortest-edge', 'longest-edge']), size: side }),
      z.strictObject({ mode: z.literal('exact'), ...rectangle.shape }),
    ])
    .optional(),
  interpolation: z.enum(interpolations).optional(),
  crop: rectangle.nullable().optional(),
  /** Names of the classes in order. */
  labels: z.array(z.string().min(1).max(10_000)).min(1).max(1_000_000).optional(),
});
export type Answers = z.infer<typeof importAnswers>;
export type Asked = keyof Answers;

const asked = importAnswers.keyof();

/** What the files leave open, for a person to say. */
export const openQuestions = z.strictObject({
  fields: z.array(asked).min(1),
  /** What files and answers say already, to begin with. */
  found: importAnswers.omit({ labels: true }),
  /** How many classes the model tells apart; null: not known before the rest is. */
  classes: z.int().min(0).nullable(),
});
export type OpenQuestions = z.infer<typeof openQuestions>;

/** @param answers said so far; they are found again */
export function open(
  fields: Asked[],
  answers: Answers,
  known: { file?: Preprocessing | null; size?: Answers['size'] | null; classes?: number | null } = {},
): OpenQuestions {
  const said = openQuestions.shape.found.strip().parse(answers);
  const { resize, crop, ...read } = known.file ?? ({} as Partial<Preprocessing>);
  const { size } = known;
  const found = {
    ...read,
    ...(crop && { crop }),
    ...(resize && resize.mode !== 'cover' && { resize }),
    ...(size && { size }),
    ...said,
  };
  return { fields, found, classes: known.classes ?? null };
}

/** What must be known of preprocessing; a crop follows from the rest where none is said. */
const needed = ['mean', 'std', 'resize', 'interpolation'] as const;

/** What neither a file nor a person says yet. */
export function openPreprocessing(answers: Answers, file: Preprocessing | null): Asked[] {
  return file ? [] : needed.filter((name) => answers[name] === undefined);
}

/** Of what was taken by custom, what a person did not say. */
export function stillAssumed(assumed: readonly Assumption[], answers: Answers): Assumption[] {
  return assumed.filter((name) => (answers as Record<string, unknown>)[name] === undefined);
}

/** What a file says of preprocessing, with what a person says put over it. */
export function answered(file: Preprocessing, answers: Answers): Preprocessing {
  const { resize, interpolation, crop, mean, std } = answers;
  return {
    resize: resize ?? file.resize,
    interpolation: interpolation ?? file.interpolation,
    crop: crop === undefined ? file.crop : crop,
    mean: mean ?? file.mean,
    std: std ?? file.std,
  };
}

/** What a person says alone; null where that is not all of it. @param input what is cropped to where the shorter side is scaled and no crop is said */
export function saidAlone(answers: Answers, input: { height: number; width: number }): Preprocessing | null {
  const { mean, std, resize, interpolation, crop = null } = answers;
  if (!mean || !std || !resize || !interpolation) return null;
  // What is left over has to go.
  return { mean, std, resize, interpolation, crop: crop ?? (resize.mode === 'shortest-edge' ? input : null) };
}

/** What the model gets to see after this preprocessing. */
export function inputOf(preprocessing: Preprocessing, fallback: { height: number; width: number }) {
  if (preprocessing.crop) return preprocessing.crop;
  const { resize } = preprocessing;
  if (resize.mode === 'exact') return { height: resize.height, width: resize.width };
  return resize.mode === 'longest-edge' ? { height: resize.size, width: resize.size } : fallback;
}
