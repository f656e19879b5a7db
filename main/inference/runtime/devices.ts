/** Names of processors and their drivers, as the operating system tells them. */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProviderName } from '../../contract/values.ts';

export interface Device {
  /** Several where the system has several and nothing tells which one is used. */
  device: string;
  driver: string;
}

const unknown: Device = { device: 'unknown', driver: 'unknown' };
const run = promisify(execFile);

const graphics = new Map<boolean, Promise<Device>>();

export async function deviceOf(provider: ProviderName): Promise<Device> {
  if (provider === 'cpu') return { device: cpus()[0]?.model.trim() || 'unknown', driver: 'unknown' };
  // A driver made of software can be put in place of the machine's own.
  if (provider === 'webgpu' && /swiftshader/i.test(process.env['VK_ICD_FILENAMES'] ?? ''))
    return { device: 'SwiftShader (software)', driver: 'SwiftShader' };
  const onlyNvidia = provider === 'cuda';
  if (!graphics.has(onlyNvidia))
    graphics.set(
      onlyNvidia,
      findGraphics(onlyNvidia).catch(() => unknown),
    );
  return graphics.get(onlyNvidia)!;
}

/** Whether there is anything but a CPU that could compute, as far as that shows cheaply. */
export async function hasGraphics(): Promise<boolean> {
  if (process.platform !== 'linux' || process.env['VK_ICD_FILENAMES']) return true;
  const names = [...(await list('/dev/dri')), ...(await list('/dev'))];
  return names.some((name) => /^(renderD\d+|nvidia\d+|dxg)$/.test(name));
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const output = async (command: string, ...parameters: string[]): Promise<string> =>
  (await run(command, parameters, { timeout: 5000, windowsHide: true })).stdout;

function joined(found: Device[]): Device {
  const all = (key: keyof Device) => [...new Set(found.map((each) => each[key]))].join(' or ') || 'unknown';
  return found.length > 0 ? { device: all('device'), driver: all('driver') } : unknown;
}

async function findGraphics(onlyNvidia: boolean): Promise<Device> {
  if (process.platform === 'win32') return windows();
  if (process.platform === 'darwin') return mac();
  const nvidia = await nvidiaDevices();
  return joined(onlyNvidia || nvidia.length > 0 ? nvidia : await pciDevices());
}

async function nvidiaDevices(): Promise<Device[]> {
  const lines = await output('nvidia-smi', '--query-gpu=name,driver_version', '--format=csv,noheader').catch(
    () => '',
  );
  return lines
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const [device = 'unknown', driver = 'unknown'] = line.split(',').map((part) => part.trim());
      return { device, driver: `NVIDIA ${driver}` };
    });
}

/** Linux: names from the system's own table of PCI devices, where it has one. */
async function pciDevices(): Promise<Device[]> {
  const cards = (await list('/sys/class/drm')).filter((name) => /^card\d+$/.test(name));
  const table = await Promise.any(
    ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'].map((path) => readFile(path, 'latin1')),
  ).catch(() => '');
  return Promise.all(
    cards.map(async (card) => {
      const read = (name: string) =>
        readFile(join('/sys/class/drm', card, 'device', name), 'utf8').catch(() => '');
      const [vendor, device, uevent] = await Promise.all(['vendor', 'device', 'uevent'].map(read));
      const hex = (text = '') => text.trim().replace(/^0x/, '');
      const driver = /^DRIVER=(.+)$/m.exec(uevent ?? '')?.[1] ?? 'unknown';
      return { device: pciName(table, hex(vendor), hex(device)), driver };
    }),
  );
}

/** From pci.ids: vendors begin a line, their devices follow, indented by a tab. */
export function pciName(table: string, vendor: string, device: string): string {
  const lines = table.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${vendor}  `));
  if (!vendor || start < 0) return vendor ? `PCI ${vendor}:${device}` : 'unknown';
  const vendorName = lines[start]!.slice(6);
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith('\t')) break;
    if (line.startsWith(`\t${device}  `)) return `${vendorName} ${line.slice(7)}`;
  }
  return `${vendorName} ${vendor}:${device}`;
}

async function windows(): Promise<Device> {
  const query = 'Get-CimInstance Win32_VideoController | Select-Object Name,DriverVersion | ConvertTo-Json';
  const parsed: unknown = JSON.parse(await output('powershell', '-NoProfile', '-Command', query));
  const found = (Array.isArray(parsed) ? parsed : [parsed]) as { Name?: string; DriverVersion?: string }[];
  return joined(
    found.map(({ Name, DriverVersion }) => ({
      device: Name ?? 'unknown',
      driver: DriverVersion ?? 'unknown',
    })),
  );
}

async function mac(): Promise<Device> {
  const parsed = JSON.parse(await output('system_profiler', '-json', 'SPDisplaysDataType')) as {
    SPDisplaysDataType?: { sppci_model?: string; spdisplays_mtlgpufamilysupport?: string }[];
  };
  return joined(
    (parsed.SPDisplaysDataType ?? []).map((card) => ({
      device: card.sppci_model ?? 'unknown',
      driver: card.spdisplays_mtlgpufamilysupport ?? 'unknown',
    })),
  );
}
