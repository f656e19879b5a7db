/** Options that several commands share, and readers for their values. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PrecisionChoice, ProviderChoice } from '../contract/values.ts';
import { mapMethod, precisionChoice, providerChoice } from '../contract/values.ts';
import { SaccadeError } from '../../models/error.ts';
import type { HeadChoice } from '../../models/overlay/inspection.ts';
import { defaultDrawing, type DrawingChoice } from '../report/maps.ts';
import {
  divergingNames,
  isDiverging,
  sequentialNames,
  type ColourMapName,
} from '../../models/overlay/colours.ts';
import { normalisations, type Normalisation } from '../../models/overlay/normalise.ts';

const providers = providerChoice.options;
const precisions = precisionChoice.options;
export const methods = mapMethod.options;

export function count(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return value;
}

/** An option by its flag: what was given, if anything was, and the formats that it says something of. */
type OfFormats = Readonly<Record<string, { given: unknown; of: readonly string[] }>>;

/** What would do nothing is no option that somebody meant. @throws SaccadeError `wrong-usage` */
export function expectUsed(format: string, options: OfFormats): void {
  for (const [flag, { given, of }] of Object.entries(options)) {
    const nothing = given === undefined || (Array.isArray(given) && given.length === 0);
    if (nothing || of.includes(format)) continue;
    throw new SaccadeError(
      'wrong-usage',
      `${flag} goes with --format ${of.join(' or ')}; found ${format}. Choose that format, or leave ${flag} out.`,
    );
  }
}

/** 1 would leave nothing. */
export function discard(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 0.99))
    throw new InvalidArgumentError('Expected a number from 0 to 0.99.');
  return value;
}

export function head(text: string): HeadChoice {
  if (text === 'mean' || text === 'max' || text === 'min') return text;
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InvalidArgumentError('Expected mean, max, min, or a head counted from 1.');
  return Number(text) - 1;
}

export interface ComputeOptions {
  model?: string;
  provider?: ProviderChoice;
  precision?: PrecisionChoice;
}

/** Absent options are left to the settings. */
export function withCompute(command: Command): Command {
  return command
    .option('--model <name|dir|file>', 'an installed model, or a model that lies elsewhere')
    .addOption(new Option('--provider <name>', 'what computes').choices(providers))
    .addOption(new Option('--precision <name>', 'of the weights').choices(precisions));
}

export function computeOf({ model, provider, precision }: ComputeOptions): ComputeOptions {
  return { model, provider, precision };
}

export interface DrawingOptions {
  scale: Normalisation;
  colours?: ColourMapName;
  opacity: number;
  nearest?: boolean;
  contour?: boolean;
}

export function withDrawing(command: Command, scales: readonly Normalisation[] = normalisations): Command {
  return command
    .addOption(
      new Option(
        '--scale <kind>',
        'what the colours span: values of the photo, of all photos, or a fixed range',
      )
        .choices(scales)
        .default(defaultDrawing.normalisation),
    )
    .addOption(new Option('--colours <name>', 'colour map').choices([...sequentialNames, ...divergingNames]))
    .option('--opacity <number>', 'of the strongest colour of the map, 0 to 1', share, defaultDrawing.opacity)
    .option('--nearest', 'one colour a patch instead of smooth')
    .option('--contour', 'a line around the strongest fifth');
}

/** A diverging map is for signed values and no others: where the kinds don't fit, the default of the map's kind is used. */
export function drawingOf(options: DrawingOptions, signed: boolean): DrawingChoice {
  const { colours } = options;
  return {
    normalisation: options.scale,
    colours: colours && isDiverging(colours) === signed ? colours : null,
    opacity: options.opacity,
    interpolation: options.nearest ? 'nearest' : 'bicubic',
    contour: options.contour ?? false,
  };
}
