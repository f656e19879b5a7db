/** A filter of the contract as an SQL condition on photos. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import { queryTerms } from '../../contract/query-words.ts';
import { hiddenStatus, photoStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById, folderOrBelow, holdsAll } from '../catalog/folders.ts';
import { rangeBelow } from '../catalog/keys.ts';
import { labelsShownUpTo } from '../catalog/shown.ts';
import { anyFurther } from '../catalog/further-labels.ts';
import { inCell } from '../catalog/compared.ts';
import { keysOfName } from './labels.ts';
import { labelSet, type LabelsKnown } from './label-set.ts';
import { photosFound, type Found } from './found.ts';
import { furtherCondition, statesOf, type StatusRow } from './further.ts';
import { among, both, isLarge, setCondition, type Part } from './sets.ts';
import { broken, byHand, isBound, isListed, keyworded, labelsWanted, termCondition, type ApartTerm } from './terms.ts'; // prettier-ignore

export interface Condition extends Part {
  /** The same on counts that are kept (`countsOf`), where that is enough to count by. */
  kept?: Part & { further: boolean };
  /** How many it finds, where that is known. */
  photos?: number;
  /** The same by status, where that is known without going through them. */
  states?: () => StatusRow[];
  /** Where a large set is part of it, the set and the rest. */
  found?: Found & { plain: boolean };
  /** Keys of paths that it finds, of a folder: `from` ≤ key < `to`. */
  paths?: { from: string; to: string };
  /** Nothing narrows it down more than a bound of probability does. */
  bounded?: boolean;
  /** An index leads to the photos that it finds, so that they need not be looked for among all. */
  led?: boolean;
  /** How photos are counted of which a label holds beside their first; absent: those that it finds. */
  beside?: Beside;
}

interface Beside {
  /** Of the probability: of the label that is counted, be it a photo's first or not. */
  bounds: Part[];
  /** All but the bounds. */
  rest: Part;
  /** The bounds are of labels that are wanted, and not of each photo's first. */
  ofWanted: boolean;
  /** Folder and status are all the rest. */
  plain: boolean;
}

export function conditionOf(catalog: Catalog, filter: PhotoFilter): Condition {
  // All indexes that lists walk over have the status.
  const plain: Part[] = [
    {
      sql:
        filter.shot === undefined
          ? `status < ${photoStatus.options.length}`
          : `status <> ${hiddenStatus.away}`,
      values: [],
    },
  ];
  const folder = filter.folderId === undefined ? null : folderById(catalog, filter.folderId);
  const narrower = folder && !holdsAll(catalog, folder) ? folder : null;
  // Over the rank of folders, not of photos, so that any index that has folder_id covers it.
  if (narrower) plain.push(folderOrBelow(narrower));
  if (filter.status) plain.push(among('status', filter.status.map(statusNumber)));
  const terms = queryTerms(filter.search ?? '');
  const listed = terms.filter(isListed);
  const bounds = [...probable(filter), ...listed.filter(isBound).map((term) => termCondition(catalog, term))];
  // Who wants a label with a probability means the label's own.
  const wanted = [...(filter.labels ?? []), ...listed.flatMap((term) => labelsWanted(catalog, term))];
  const ofWanted = bounds.length > 0 && anyFurther(catalog, wanted);
  const inside = ofWanted ? bounds : [];
  let large = false;
  const further: LabelsKnown['further'] = (labels, within) => {
    const found = furtherCondition(catalog, labels, within);
    large ||= found?.large ?? false;
    return found;
  };
  const labelled = labelSet(filter, { keysOf: (name) => keysOfName(catalog, name), further }, inside);
  const rest: Part[] = [];
  const byLabel = labelled.byNumber || terms.some(({ field }) => field === 'label');
  const upTo = byLabel ? labelsShownUpTo(catalog) : Infinity;
  if (upTo !== Infinity) rest.push({ sql: 'id <= ?', values: [upTo] });
  if (filter.own !== undefined) rest.push({ sql: byHand(filter.own), values: [] });
  if (filter.damaged !== undefined) rest.push({ sql: broken(filter.damaged), values: [] });
  const { shot } = filter;
  if (shot !== undefined)
    rest.push({ sql: '(id = ? OR id IN (SELECT id FROM photos WHERE under_id = ?))', values: [shot, shot] });
  if (filter.keywords) rest.push({ sql: keyworded, values: [JSON.stringify(filter.keywords.map(nameKey))] });
  if (filter.cell) rest.push(inCell(catalog, filter.cell));
  rest.push(...labelled.others);
  const words = listed.filter((term) => !isBound(term)).map((term) => termCondition(catalog, term, { further, bounds: inside })); // prettier-ignore
  const apart = terms.filter((term): term is ApartTerm => !isListed(term));
  const set = apart.length > 0 ? photosFound(catalog, apart) : null;
  const few =
    (filter.own ?? false) ||
    (filter.damaged ?? false) ||
    Boolean(filter.keywords ?? filter.cell ?? filter.shot);
  const first = [...plain, ...labelled.kept];
  const outside = ofWanted ? [] : bounds;
  const others = [...rest, ...words];
  const found =
    set && isLarge(set) && !few
      ? { set, ...both([...first, ...outside, ...others]), plain: first.length === plain.length && !others.length } // prettier-ignore
      : undefined;
  // Last, because whatever else there is is asked faster.
  const last = set ? [setCondition(catalog, set)] : [];
  /** Of counts, which have those of all folders apart. */
  const whole = narrower ? [] : [{ sql: 'folder_id = 0', values: [] }];
  const uncounted = rest.length - (labelled.counted ? 1 : 0) + words.length + outside.length + last.length;
  const { alone } = labelled;
  const isAlone = alone && !words.length && !outside.length && !set && rest.length === labelled.others.length;
  const isWhole = set && first.length === 1 && !outside.length && !others.length && !apart.some(({ not }) => not); // prettier-ignore
  const isBounded =
    (outside.length > 0 && (filter.minProbability ?? filter.maxProbability) !== undefined) ||
    listed.some((term) => isBound(term) && !term.not);
  return {
    ...both([...first, ...outside, ...others, ...last]),
    ...(uncounted === 0 && {
      kept: {
        ...both([...whole, ...first, ...(labelled.counted ? [labelled.counted] : [])]),
        further: labelled.counted !== null,
      },
    }),
    ...(isAlone && { states: () => statesOf(catalog, both(plain), both([...whole, ...plain]), alone) }),
    // What lies under another photo is found too, and listed only with it; what is not there is not found by "not".
    ...(isWhole && !hasStacks(catalog) && { photos: set.size }),
    ...(found && { found }),
    ...(narrower && { paths: rangeBelow(narrower.path_key) }),
    bounded: isBounded && !ofWanted && !labelled.led && !few && !set,
    led: few || narrower !== null || ((labelled.led || terms.length > 0) && !large),
    beside: {
      bounds,
      rest: both([...first, ...others, ...last]),
      ofWanted,
      plain: first.length === plain.length && !others.length && !last.length,
    },
  };
}

/** Unknown probabilities are −1 and meet neither bound. */
function probable({ minProbability: least, maxProbability: most }: PhotoFilter): Part[] {
  return [
    ...(least === undefined ? [] : [{ sql: 'probability >= ?', values: [least] }]),
    ...(most === undefined ? [] : [{ sql: 'probability BETWEEN 0 AND ?', values: [most] }]),
  ];
}

const hasStacks = (catalog: Catalog): boolean =>
  catalog.one('SELECT 1 FROM photos WHERE under_id IS NOT NULL LIMIT 1') !== undefined;
