/** Two heads or models on the same photos: where their maps differ most. */
import { mapCorrelation } from '../../../models/looks/compare.ts';
import { unpackMap } from '../../../models/overlay/stored.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { type LabelMap, labelMaps } from '../catalog/label-maps.ts';
import { itemsOf } from '../lists/items.ts';
import { remembered } from '../lists/remembered.ts';
import { judgedMaps, type JudgedMaps } from './asked.ts';

interface Said {
  map: LabelMap;
  probability: number;
}

/** By photo. */
function saidBy(
  catalog: Catalog,
  judged: JudgedMaps,
  filter: PhotoFilter,
): { called: Set<number>; said: Map<number, Said> } {
  // prettier-ignore
  const called = judged.called(filter);
  const probabilities = new Map(called.map(({ id, probability }) => [id, probability]));
  const maps = labelMaps(
    catalog,
    judged.owner,
    called.map(({ id, label }) => [id, label]),
  );
  return {
    called: new Set(probabilities.keys()),
    said: new Map(
      maps.map((map) => [map.photoId, { map, probability: probabilities.get(map.photoId) ?? 0 }]),
    ),
  };
}

/** Of a map that is read again where it is shown: all of them are too much to keep. */
const saying = ({ map, probability }: Said) => ({ label: map.label, probability });

function onPhoto({ map, seen, photo }: LabelMap) {
  const { rows, columns } = map;
  return { rows, columns, values: unpackMap(map), seen: seen ?? { x: 0, y: 0, ...photo } };
}

/** A cursor is the position in the list. */
export function compareLooks(catalog: Catalog, request: Request<'looks.compare'>): Answer<'looks.compare'> {
  const { one, other, filter = {}, limit, cursor } = request;
  const sides = [judgedMaps(catalog, one), judgedMaps(catalog, other)] as const;
  const { pairs, unknown } = remembered(catalog, ['compare-looks', one, other, filter], () => {
    const [a, b] = sides.map((side) => saidBy(catalog, side, filter)) as [
      ReturnType<typeof saidBy>,
      ReturnType<typeof saidBy>,
    ];
    const found = [...a.said].flatMap(([photoId, first]) => {
      const second = b.said.get(photoId);
      const correlation = second ? mapCorrelation(onPhoto(first.map), onPhoto(second.map)) : NaN;
      return second && !Number.isNaN(correlation)
        ? [{ photoId, correlation, said: [saying(first), saying(second)] as const }]
        : [];
    });
    const both = [...a.called].filter((id) => b.called.has(id)).length;
    return {
      pairs: found.sort((x, y) => x.correlation - y.correlation || x.photoId - y.photoId),
      unknown: both - found.length,
    };
  });
  const start = Math.max(0, Number.parseInt(cursor ?? '0', 10) || 0);
  const some = pairs.slice(start, start + limit);
  const ids = some.map(({ photoId }) => photoId);
  const photos = new Map(itemsOf(catalog, ids).map((item) => [item.id, item]));
  const told = ([0, 1] as const).map((side) => {
    const { owner, label } = sides[side];
    const maps = labelMaps(
      catalog,
      owner,
      some.map(({ photoId, said }) => [photoId, said[side].label]),
    );
    const of = new Map(maps.map((map) => [map.photoId, map]));
    return ({ photoId, said }: (typeof some)[number]) => {
      const found = of.get(photoId);
      if (!found) return null;
      const { map, seen, photo } = found;
      const { label: index, probability } = said[side];
      return { index, label: label(index), probability, map, seen: seen ?? { x: 0, y: 0, ...photo } };
    };
  });
  return {
    items: some.flatMap((pair) => {
      const [photo, one, other] = [photos.get(pair.photoId), told[0]!(pair), told[1]!(pair)];
      return photo && one && other ? [{ photo, one, other, correlation: pair.correlation }] : [];
    }),
    total: pairs.length,
    unknown,
    median: pairs.length ? pairs[Math.floor((pairs.length - 1) / 2)]!.correlation : null,
    next: start + limit < pairs.length ? String(start + limit) : null,
  };
}
