/** What maps, tokens and heads are called, and what the map that is shown means. */
import type { Inspection } from '../../main/contract/entities/inspection.ts';
import type { ShownMethod } from '../../main/contract/values.ts';
import type { HeadChoice } from '../../models/overlay/inspection.ts';
import type { Application } from '../state/application.svelte.ts';
import { classLabel } from './class-label.ts';
import type { Cell } from './brush.ts';
import type { ShownMap } from './map-choice.ts';
import type { Query } from './looking.svelte.ts';

type Words = Application['speech']['words'];

export const methodNames = (words: Words): Record<ShownMethod, string> => ({
  class: words.methodClass,
  cls: words.methodCls,
  rollout: words.methodRollout,
  measured: words.methodMeasured,
  thorough: words.methodThorough,
});

/** The head or heads of a map; in rollout how they become one. */
export function headName(words: Words, head: HeadChoice): string {
  if (typeof head === 'number') return words.headNumber(head + 1);
  return { mean: words.headMean, max: words.headMax, min: words.headMin }[head];
}

/** The token whose attention is shown; null: the one that the inspection has. */
export function tokenName(words: Words, inspection: Inspection | null, query: Query | null): string {
  if (!query) {
    const means = { patches: words.lookMean, tokens: words.lookAll, cls: words.lookCls, 'unread-cls': words.lookCls }; // prettier-ignore
    return means[inspection?.attentionOf ?? 'cls'];
  }
  if ('special' in query) return words.lookSpecial(query.special + 1);
  const columns = inspection?.grid?.columns ?? 1;
  return words.lookPatch(Math.floor(query.patch / columns) + 1, (query.patch % columns) + 1);
}

/** What a map's numbers are. */
export function unitOf(words: Words, { method, signed }: ShownMap): string {
  if (method === 'thorough') return words.unitDeviations;
  if (signed) return words.unitLogits;
  return method === 'rollout' ? words.unitRollout : words.unitShare;
}

/** What a patch of a map says, in numbers. */
export function patchReading({ speech }: Application, map: ShownMap, { row, column }: Cell): string | null {
  const { words, formats } = speech;
  const value = map.values[row * map.columns + column];
  if (value === undefined) return null;
  const { figure } = formats;
  const at = words.patchAt(row + 1, column + 1);
  if (!map.signed) return `${at}: ${figure(value)}, ${words.evenShare(figure(value * map.values.length))}`;
  const signed = (value > 0 ? '+' : '') + figure(value);
  return `${at}: ${map.method === 'thorough' ? `${signed} ${words.unitDeviations}` : words.logits(signed)}`;
}

/** Of a model by its id, which stands for it where it is there no more. */
export function modelName(app: Application, id: string): string {
  const model = app.models.named(id);
  return model ? app.speech.model(model) : id;
}

/** The map that is shown in few words: whose, which, of which layers and heads. */
export function mapTitle(app: Application): string {
  const { words } = app.speech;
  const { inspection, overlay, explained } = app.inspector;
  const { map, layers } = overlay;
  if (!map || !inspection) return '';
  const label = map.signed ? classLabel(app, inspection, explained) : '';
  const which =
    map.method === 'cls'
      ? `${words.layersShown(overlay.layer + 1, overlay.layer + 1)}, ${headName(words, overlay.head)}`
      : map.method === 'class' && (layers[0] > 0 || layers[1] < inspection.layers - 1)
        ? words.layersShown(layers[0] + 1, layers[1] + 1)
        : '';
  const parts = [modelName(app, inspection.model), methodNames(words)[map.method], label, which];
  return parts.filter(Boolean).join(' · ');
}

/** What the map that is shown means, in a sentence; null where none is. */
export function meaning(app: Application): string | null {
  const { words } = app.speech;
  const { inspection, overlay, explained } = app.inspector;
  const { layers, drawing } = overlay;
  if (!overlay.map) return null;
  switch (overlay.method) {
    case 'cls':
      return attentionMeans(app);
    case 'rollout':
      return words.meansRollout(headName(words, drawing.rollout.fusion));
    case 'measured':
      return words.meansMeasured(classLabel(app, inspection, explained));
    case 'thorough':
      return words.meansThorough(classLabel(app, inspection, explained));
    default: {
      const span = layers[0] === layers[1] ? `${layers[0] + 1}` : `${layers[0] + 1} – ${layers[1] + 1}`;
      const colours = { 'blue-orange': words.evidenceBlueOrange, 'purple-green': words.evidencePurpleGreen };
      return words.meansClass(classLabel(app, inspection, explained), span, colours[drawing.diverging]);
    }
  }
}

function attentionMeans({ speech, inspector }: Application): string {
  const { words } = speech;
  const { inspection, overlay, looking } = inspector;
  const layer = overlay.layer + 1;
  const head = headName(words, overlay.head);
  if (looking.query) {
    const means = words.meansToken(tokenName(words, inspection, looking.query), layer, head);
    const toSpecial = toSpecialTokens(inspector);
    return toSpecial === null
      ? means
      : `${means} ${words.toSpecialTokens(speech.formats.percent(toSpecial))}`;
  }
  if (inspection?.attentionOf === 'patches') return words.meansPatches(layer, head);
  if (inspection?.attentionOf === 'tokens') return words.meansTokens(layer, head);
  const means = words.meansCls(layer, head);
  return inspection?.attentionOf === 'unread-cls' ? `${means} ${words.meansUnread}` : means;
}

/** Of the token's attention in the layer and heads shown, what does not go to patches: 0–1. */
function toSpecialTokens({ looking, overlay }: Application['inspector']): number | null {
  const { map, head } = overlay;
  if (!looking.attended?.special || !map || head === 'max' || head === 'min') return null;
  return 1 - map.values.reduce((sum, value) => sum + value, 0);
}
