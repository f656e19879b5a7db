/** A node's attributes by name. */
import type { Node, Tensor } from './schema.ts';

function find(node: Node, name: string) {
  return node.attribute.find((attribute) => attribute.name === name);
}

export function hasAttribute(node: Node, name: string): boolean {
  return find(node, name) !== undefined;
}

export function intOf(node: Node, name: string, fallback: number): number {
  const found = find(node, name);
  return found ? Number(found.i) : fallback;
}

export function floatOf(node: Node, name: string, fallback: number): number {
  return find(node, name)?.f ?? fallback;
}

export function intsOf(node: Node, name: string): number[] | null {
  return find(node, name)?.ints.map(Number) ?? null;
}

export function floatsOf(node: Node, name: string): number[] | null {
  return find(node, name)?.floats ?? null;
}

export function textOf(node: Node, name: string, fallback = ''): string {
  const found = find(node, name);
  return found ? new TextDecoder().decode(found.s) : fallback;
}

export function tensorOf(node: Node, name: string): Tensor | null {
  return find(node, name)?.t ?? null;
}
