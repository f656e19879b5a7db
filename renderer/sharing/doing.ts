import type { WritingStatus } from '../../main/contract/entities/writing.ts';

/** What becomes of files, in one word for all of them. */
export function doingOf({
  kind,
  items,
}: WritingStatus): 'write' | 'change' | 'copy' | 'link' | 'move' | 'back' {
  const does = items.find((item) => item.does !== 'none')?.does;
  if (does === 'copy' || does === 'move' || does === 'back') return does;
  if (does === 'hardlink' || does === 'symlink') return 'link';
  return kind === 'iptc' || kind.startsWith('remove-') ? 'change' : 'write';
}
