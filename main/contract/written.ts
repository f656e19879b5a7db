/** What labels in words are made with, unless somebody says otherwise. */

/** As in most captions that CLIP learnt from, and bare; `{}` is the phrase. */
export const usualTemplates: readonly string[] = ['a photo of {}', 'a picture of {}', '{}'];

/** Phrases that fit any photo: what is likelier than these is something. */
export const neutralPhrases: readonly string[] = ['something', 'a thing', 'a scene', 'an image'];

/** A label as the line that makes it, as models/texts/written.ts reads it. */
export function writtenLine(name: string, phrases: readonly string[]): string {
  return `${phrases[0] === name ? '' : `${name} = `}${phrases.join(' | ')}`;
}
