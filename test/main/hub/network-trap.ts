/**
 * Loaded with --import (NODE_OPTIONS) into a process and all it starts: every way out of the machine is written into
 * the file NETWORK_LOG, one JSON line each, and refused unless NETWORK_ALLOWED is set. Local sockets and the channels
 * between our processes pass.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const log = process.env['NETWORK_LOG']!;

export interface Trapped {
  pid: number;
  /** The process's module. */
  main: string;
  way: 'armed' | 'connect' | 'listen' | 'dns' | 'dgram';
  target: string;
}

function tell(way: Trapped['way'], target: string): void {
  const entry: Trapped = { pid: process.pid, main: process.argv[1] ?? '', way, target };
  appendFileSync(log, `${JSON.stringify(entry)}\n`);
  if (way !== 'armed' && !process.env['NETWORK_ALLOWED'])
    throw new Error(`trapped on its way into the network: ${way} ${target}`);
}

/** What `normalizeArgs` of node:net hands on: arguments, or one array of them. */
function targetOf(values: unknown[]): string | null {
  const [first, second] = (Array.isArray(values[0]) ? values[0] : values) as unknown[];
  if (typeof first === 'object' && first !== null) {
    const { path, host, port, fd } = first as Record<string, unknown>;
    return path || fd ? null : `${String(host ?? 'localhost')}:${String(port)}`;
  }
  return typeof first === 'string' && Number.isNaN(Number(first))
    ? null
    : `${String(second)}:${String(first)}`;
}

function guard(
  object: object,
  name: string,
  way: Trapped['way'],
  of: (values: unknown[]) => string | null,
): void {
  const methods = object as Record<string, (...values: unknown[]) => unknown>;
  const original = methods[name];
  if (typeof original !== 'function') return;
  methods[name] = function (this: unknown, ...values: unknown[]) {
    const target = of(values);
    if (target !== null) tell(way, target);
    return original.apply(this, values);
  };
}

guard(net.Socket.prototype, 'connect', 'connect', targetOf);
guard(net.Server.prototype, 'listen', 'listen', targetOf);
const named = (values: unknown[]) => String(values[0]);
for (const resolver of [dns, dns.promises])
  for (const name of Object.keys(resolver))
    if (/^(lookup|resolve|reverse)/.test(name)) guard(resolver, name, 'dns', named);
for (const name of ['send', 'connect', 'bind']) guard(dgram.Socket.prototype, name, 'dgram', () => name);
syncBuiltinESMExports();
tell('armed', '');
