/** A label a line, phrasings between bars; the first phrasing is its name. Empty lines and phrasings are left out. */
export function linesOf(text: string): { name: string; phrases: string[] }[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .map((phrase) => phrase.trim())
        .filter(Boolean),
    )
    .filter((phrases) => phrases.length > 0)
    .map((phrases) => ({ name: phrases[0]!, phrases }));
}
