/** The key to the colours: what they span, and what the map means in plain words. */
import type { MapMethod } from '../contract/values.ts';
import { colourMap, defaultDiverging, defaultSequential } from '../../models/overlay/colours.ts';
import { formatValue } from '../../models/overlay/compose.ts';
import { absoluteLogits, absoluteShares } from '../../models/overlay/normalise.ts';
import { isSigned, meaning, type DrawingChoice } from './maps.ts';
import type { Legend } from './page.ts';

function hex(map: Uint8Array, i: number): string {
  return `#${Buffer.from(map.subarray(i * 3, i * 3 + 3)).toString('hex')}`;
}

function ends(signed: boolean, choice: DrawingChoice): [low: string, high: string] {
  if (choice.normalisation === 'absolute')
    return signed
      ? [`-${absoluteLogits} logits`, `+${absoluteLogits} logits`]
      : ['0', `${absoluteShares} even shares or more`];
  if (choice.normalisation === 'folder' && choice.folderRange) {
    const [low, high] = choice.folderRange;
    const bound = Math.max(Math.abs(low), Math.abs(high));
    return signed ? [formatValue(-bound), formatValue(bound)] : [formatValue(low), formatValue(high)];
  }
  return signed ? ['against', 'for'] : ['least of the photo', 'most of the photo'];
}

const scaleSentence = {
  photo:
    'Each photo is scaled to itself: the strongest patch takes the last colour however weak it is. Compare photos by the numbers under them, not by colour.',
  folder: 'All photos share one scale, so colours can be compared between them.',
  absolute: 'The scale is fixed, so colours can be compared between photos, folders and runs.',
};

export function legendOf(method: MapMethod, choice: DrawingChoice): Legend {
  const signed = isSigned(method);
  const map = colourMap(choice.colours ?? (signed ? defaultDiverging : defaultSequential));
  const [low, high] = ends(signed, choice);
  return {
    colours: Array.from({ length: 16 }, (_, i) => hex(map, i * 17)),
    low,
    high,
    sentences: [
      meaning[method],
      scaleSentence[choice.normalisation],
      'Grey and dark: cut away before the model looked.',
    ],
  };
}
