/**
 * What electron-builder takes for fpm, the program that makes deb packages and has to be fetched: it keeps what it was
 * told to put in (FPM_TOLD, a folder), and the test looks at that.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const told = process.env['FPM_TOLD']!;
const args = process.argv.slice(2);
const after = (option: string): string => args[args.indexOf(option) + 1]!;

writeFileSync(join(told, 'arguments.json'), JSON.stringify(args));
copyFileSync(after('--after-install'), join(told, 'after-install'));
const desktop = args.find((word) => word.includes('=/usr/share/applications/'))!;
copyFileSync(desktop.split('=')[0]!, join(told, desktop.split('/').at(-1)!));
writeFileSync(after('--package'), '');
