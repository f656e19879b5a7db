/** A filter of the contract as an SQL condition on photos. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import { queryTerms } from '../../contract/query-words.ts';
import { hiddenStatus, photoStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById, folderOrBelow, type FolderRow, holdsAll } from '../catalog/folders.ts';
import { rangeBelow } from '../catalog/keys.ts';
import { labelsShownUpTo } from '../catalog/shown.ts';
import { anyFurther } from '../catalog/further-labels.ts';
import { inCell } from '../catalog/compared.ts';
import { keysOfName } from './labels.ts';
import { labelSet, type LabelsKnown } from './label-set.ts';
import type { Condition } from './condition.ts';
import { photosFound } from './found.ts';
import { furtherCondition, statesOf } from './further.ts';
import { among, both, isLarge, setCondition, type Part } from './sets.ts';
import { broken, byHand, isBound, isListed, keyworded, labelsWanted, termCondition, type ApartTerm } from './terms.ts'; // prettier-ignore

export function conditionOf(catalog: Catalog, filter: PhotoFilter): Condition {
  const folder = filter.folderId === undefined ? null : folderById(catalog, filter.folderId);
  const narrower = folder && !holdsAll(catalog, folder) ? folder : null;
  const plain = ofIndexes(filter, narrower);
  const terms = queryTerms(filter.search ?? '');
  const listed = terms.filter(isListed);
  const bounds = [...probable(filter), ...listed.filter(isBound).map((term) => termCondition(catalog, term))];
  // Who wants a label with a probability means the label's own.
  const { labels = [], match } = filter;
  const groups = [
    ...(match === 'all' ? labels.map((label) => [label]) : [labels]),
    ...listed.map((term) => labelsWanted(catalog, term)),
  ].filter(({ length }) => length > 0);
  const several = groups.length > 0 && anyFurther(catalog, groups.flat());
  const ofWanted = bounds.length > 0 && several;
  const inside = ofWanted ? bounds : [];
  let large = false;
  const further: LabelsKnown['further'] = (labels, within) => {
    const found = furtherCondition(catalog, labels, within);
    large ||= found?.large ?? false;
    return found;
  };
  const labelled = labelSet(filter, { keysOf: (name) => keysOfName(catalog, name), further }, inside);
  const byLabel = labelled.byNumber || terms.some(({ field }) => field === 'label');
  const upTo = byLabel ? labelsShownUpTo(catalog) : Infinity;
  const shownSoFar = upTo === Infinity ? [] : [{ sql: 'id <= ?', values: [upTo] }];
  const rest = [...shownSoFar, ...ofFields(catalog, filter), ...labelled.others];
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
    kept:
      uncounted === 0
        ? {
            ...both([...whole, ...first, ...(labelled.counted ? [labelled.counted] : [])]),
            further: labelled.counted !== null,
          }
        : undefined,
    states: isAlone ? () => statesOf(catalog, both(plain), both([...whole, ...plain]), alone) : undefined,
    // What lies under another photo is found too, and listed only with it; what is not there is not found by "not".
    photos: isWhole && !hasStacks(catalog) ? set.size : undefined,
    found,
    paths: narrower ? rangeBelow(narrower.path_key) : undefined,
    wanted: several ? { groups, bounds } : undefined,
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

/** What all indexes have that lists walk over: status and folder. */
function ofIndexes({ shot, status }: PhotoFilter, folder: FolderRow | null): Part[] {
  const listed =
    shot === undefined ? `status < ${photoStatus.options.length}` : `status <> ${hiddenStatus.away}`;
  const plain: Part[] = [{ sql: listed, values: [] }];
  // Over the rank of folders, not of photos, so that any index that has folder_id covers it.
  if (folder) plain.push(folderOrBelow(folder));
  if (status) plain.push(among('status', status.map(statusNumber)));
  return plain;
}

function ofFields(catalog: Catalog, { own, damaged, shot, keywords, cell }: PhotoFilter): Part[] {
  const parts: Part[] = [];
  if (own !== undefined) parts.push({ sql: byHand(own), values: [] });
  if (damaged !== undefined) parts.push({ sql: broken(damaged), values: [] });
  if (shot !== undefined)
    parts.push({ sql: '(id = ? OR id IN (SELECT id FROM photos WHERE under_id = ?))', values: [shot, shot] });
  if (keywords) parts.push({ sql: keyworded, values: [JSON.stringify(keywords.map(nameKey))] });
  if (cell) parts.push(inCell(catalog, cell));
  return parts;
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
