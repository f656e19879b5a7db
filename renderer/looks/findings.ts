/** What is odd about where a label's evidence lies, in words. */
import type { EvidenceFinding, EvidenceWhere } from '../../main/contract/entities/looks.ts';
import type { Words } from '../words/en.ts';

type Percent = (value: number) => string;

const placeNames = (words: Words): Record<EvidenceFinding['kind'], string> => ({
  'top-left': words.placeTopLeft,
  'top-right': words.placeTopRight,
  'bottom-left': words.placeBottomLeft,
  'bottom-right': words.placeBottomRight,
  top: words.placeTop,
  right: words.placeRight,
  bottom: words.placeBottom,
  left: words.placeLeft,
  outside: words.placeOutside,
  cropped: words.placeCropped,
  special: words.placeSpecial,
});

export const placeName = (words: Words, kind: EvidenceFinding['kind']): string => placeNames(words)[kind];

/** One finding as a sentence with its figures. */
function sentence(words: Words, percent: Percent, finding: EvidenceFinding): string {
  const { kind, share, usual, even, photos, mostly } = finding;
  if (kind === 'special') return words.findSpecial(percent(share), photos);
  const place = placeName(words, kind);
  const against =
    usual === null
      ? words.findAgainstEven(percent(even ?? 0))
      : words.findAgainst(percent(usual), percent(even ?? 0));
  const said = words.findPlace(percent(share), place, against);
  return mostly > 0 ? `${said} ${words.findMostly(mostly, photos)}` : said;
}

export interface Said {
  /** Something to look into. */
  odd: boolean;
  text: string;
}

/** The odd findings, or that there are none; and how the label's mean map compares with others'. */
export function findingsSaid(words: Words, percent: Percent, signed: Percent, where: EvidenceWhere): Said[] {
  const odd = where.findings.filter((finding) => finding.odd);
  const said: Said[] = odd.map((finding) => ({ odd: true, text: sentence(words, percent, finding) }));
  const [most] = where.findings.filter(({ kind }) => kind !== 'special' && kind !== 'outside');
  if (!odd.length) {
    const figures = most ? ` ${words.findMostIn(percent(most.share), placeName(words, most.kind))}` : '';
    said.push({ odd: false, text: `${where.photos < 8 ? words.findTooFew : words.findNothing}${figures}` });
  }
  if (where.likeOthers !== null)
    said.push({
      odd: false,
      text: (where.likeOthers >= 0.8 ? words.findLikeOthers : words.findUnlikeOthers)(
        signed(where.likeOthers),
      ),
    });
  else if (where.others === 0) said.push({ odd: false, text: words.findNoOthers });
  if (where.othersOfModel) said.push({ odd: false, text: words.findOthersOfModel });
  return said;
}
