/** Where the evidence for a label lies over its photos, and the patches that say most. */
import { headLogits } from '../../../models/heads/apply.ts';
import type { Head } from '../../../models/heads/head.ts';
import { cropOf } from '../../../models/looks/crop.ts';
import { strongest } from '../../../models/looks/strongest.ts';
import { unusualOf } from '../../../models/looks/unusual.ts';
import { type Others, othersOf, whereOf } from '../../../models/looks/where.ts';
import { unpackMap } from '../../../models/overlay/stored.ts';
import type { StoredMap } from '../../contract/entities/inspection.ts';
import type { EvidenceCrop, EvidenceWhere, LabelLooks } from '../../contract/entities/looks.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import { type LabelMap, labelMaps, otherMaps, runMaps } from '../catalog/label-maps.ts';
import { itemsOf } from '../lists/items.ts';
import { remembered, rememberedMaps } from '../lists/remembered.ts';
import { checkLabel, ownerOf, photosCalled, type Owner } from './asked.ts';

interface Valued extends LabelMap {
  values: Float32Array;
}

interface Known {
  owner: Owner;
  /** How many photos have the label. */
  photos: number;
  /** Of one grid. */
  maps: Valued[];
  grid: { rows: number; columns: number };
  others: Others;
  othersOfModel: boolean;
}

/** All that is known of a label; kept as long as nothing changes. */
function knownOf(catalog: Catalog, asked: Omit<Request<'looks.photos'>, 'limit'>): Known {
  const { headId, label, filter = {} } = asked;
  return rememberedMaps(catalog, ['looks', headId, label, filter], () => {
    const owner = ownerOf(catalog, headId);
    checkLabel(owner, label);
    const called = photosCalled(catalog, owner, label, filter);
    const found = labelMaps(
      catalog,
      owner,
      called.map(({ id }) => [id, label]),
    );
    const grid = found[0]?.map ?? { rows: 0, columns: 0 };
    const { rows, columns } = grid;
    const fits = (map: StoredMap) => map.rows === rows && map.columns === columns;
    const own = otherMaps(catalog, owner, label).filter(fits);
    const othersOfModel = own.length === 0 && owner.id !== 0;
    const told = othersOfModel ? runMaps(catalog, owner.keyId, null).filter(fits) : own;
    const others = othersOf(told.map((map) => ({ label: map.classIndex ?? 0, values: unpackMap(map) })));
    return {
      owner,
      photos: called.length,
      maps: found.filter(({ map }) => fits(map)).map((each) => ({ ...each, values: unpackMap(each.map) })),
      grid: { rows, columns },
      others,
      othersOfModel: othersOfModel && others.means.length > 0,
    };
  });
}

/** @param ownHead the model's own head, where it can be read: for the logits of photos that only a run looked at */
export function labelLooks(
  catalog: Catalog,
  request: Request<'looks.label'>,
  ownHead: () => Head | null,
): LabelLooks {
  const { label, crops } = request;
  const known = knownOf(catalog, request);
  const { owner, maps, grid, others, othersOfModel } = known;
  const values = maps.map((each) => each.values);
  const where: EvidenceWhere | null = maps.length
    ? { ...whereOf(maps, grid, others), ...grid, others: others.means.length, othersOfModel }
    : null;
  const chosen = ([1, -1] as const).map((side) => strongest(values, grid, side, crops));
  const logits = logitsOf(
    catalog,
    owner,
    label,
    [...new Set(chosen.flat().map(({ at }) => at))].map((at) => maps[at]!),
    ownHead,
  );
  const [speakFor, speakAgainst] = chosen.map((some) => cropsOf(catalog, known, some, logits));
  return {
    index: label,
    label: owner.labels.label(label),
    head: owner.head?.name ?? null,
    photos: known.photos,
    known: maps.length,
    where,
    speakFor: speakFor!,
    speakAgainst: speakAgainst!,
  };
}

/** By content. */
function logitsOf(
  catalog: Catalog,
  owner: Owner,
  label: number,
  maps: readonly LabelMap[],
  ownHead: () => Head | null,
): Map<number, number> {
  const logits = new Map(
    maps.flatMap(({ contentId, logit }) => (logit === null ? [] : [[contentId, logit]])),
  );
  const rest = maps.filter(({ logit }) => logit === null).map(({ contentId }) => contentId);
  const head = rest.length ? (owner.head ?? ownHead()) : null;
  if (!head) return logits;
  const features = featuresOf(catalog, owner.keyId, rest);
  if (features.length !== head.fits.length || features.rows.size === 0) return logits;
  const one = oneLabel(head, label);
  const found = headLogits(one, features);
  for (const [contentId, row] of features.rows) logits.set(contentId, found[row]!);
  return logits;
}

/** A head of that label alone. */
function oneLabel(head: Head, label: number): Head {
  const { length } = head.fits;
  return {
    ...head,
    none: false,
    labels: head.labels.slice(0, 1),
    weight: head.weight.subarray(label * length, (label + 1) * length),
    bias: head.bias.subarray(label, label + 1),
  };
}

function cropsOf(
  catalog: Catalog,
  { maps, grid }: Known,
  chosen: ReturnType<typeof strongest>,
  logits: ReadonlyMap<number, number>,
): EvidenceCrop[] {
  const photos = new Map(
    itemsOf(catalog, [...new Set(chosen.map(({ at }) => maps[at]!.photoId))]).map((item) => [item.id, item]),
  );
  return chosen.flatMap((strong) => {
    const { photoId, contentId, seen } = maps[strong.at]!;
    const photo = photos.get(photoId);
    if (!photo || !seen) return [];
    return [{ photo, ...cropOf(strong, grid, seen, logits.get(contentId) ?? null) }];
  });
}

/** A cursor is the position in the list. */
export function unusualPhotos(catalog: Catalog, request: Request<'looks.photos'>): Answer<'looks.photos'> {
  const { minimum = 0, limit, cursor } = request;
  const { maps, grid, others } = knownOf(catalog, request);
  const { headId, label, filter = {} } = request;
  const all = remembered(catalog, ['unusual', headId, label, filter], () => {
    const values = maps.map((each) => each.values);
    return unusualOf(values, grid, others).map(({ at, share }) => ({ ...maps[at]!, share }));
  });
  const found = all.filter(({ share }) => share >= minimum);
  const start = Math.max(0, Number.parseInt(cursor ?? '0', 10) || 0);
  const some = found.slice(start, start + limit);
  const photos = new Map(
    itemsOf(
      catalog,
      some.map(({ photoId }) => photoId),
    ).map((item) => [item.id, item]),
  );
  return {
    items: some.flatMap(({ photoId, map, share }) => {
      const photo = photos.get(photoId);
      return photo ? [{ photo, map, share }] : [];
    }),
    total: found.length,
    next: start + limit < found.length ? String(start + limit) : null,
  };
}
