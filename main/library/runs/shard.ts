/**
 * Which of several machines a photo is for. It depends on nothing but the photo's way from what was asked for, so that
 * machines that mount the same folder at different places agree without talking to each other.
 */
import { hash } from 'node:crypto';
import { basename, relative, sep } from 'node:path';
import type { Shard } from '../../contract/entities/path-job.ts';
import { isBelow } from '../catalog/folders.ts';

/**
 * 1 … `count`: the first 48 bits of the way's SHA-256, modulo `count`. The way is in UTF-8 with slashes, and composed
 * (NFC): some file servers give one name in two forms to two systems.
 */
export function shardOf(way: string, count: number): number {
  const digest = hash('sha256', way.split(sep).join('/').normalize('NFC'), 'buffer');
  return (digest.readUIntBE(0, 6) % count) + 1;
}

/**
 * Whether a photo found below `root`, one of what was `asked` for, is the shard's. Of folders that lie in each other
 * the outermost counts, so that a photo that is found twice has one shard.
 */
export function photosOf(shard: Shard | undefined, root: string, asked: readonly string[]) {
  if (!shard) return () => true;
  const above = asked.filter((each) => isBelow(root, each)).sort((a, b) => a.length - b.length)[0];
  return (path: string): boolean => {
    const way = path === root && !above ? basename(path) : relative(above ?? root, path);
    return shardOf(way, shard.count) === shard.index;
  };
}
