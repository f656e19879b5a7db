/** `node --import register.ts desktop.js`: gives the built application a stand-in where it imports `electron`. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context);
    return { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true };
  },
});
// Installed, the words follow the application itself; here the module's path is between.
if (process.env['STAND_IN_PACKAGED']) process.argv.splice(1, 1);

const { obey } = await import('./control.ts');
obey();
