/** Bundles a bench and runs it: `node bench/run.mjs NAME [options]`. Needs `npm run build` first. */

import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const [name = '', ...rest] = process.argv.slice(2);
if (!/^[a-z-]+$/.test(name)) {
  process.stderr.write('usage: node bench/run.mjs NAME [options]; NAME is a file bench/NAME.ts\n');
  process.exit(2);
}
/** The built package stays as it is, so that its worker threads find their files. */
const packages = {
  name: 'packages',
  setup({ onResolve }) {
    onResolve({ filter: /packages\/[a-z]+\/dist\// }, ({ path, resolveDir }) => ({
      path: pathToFileURL(resolve(resolveDir, path)).href,
      external: true,
    }));
  },
};
const outfile = `${here}/dist/${name}.mjs`;
await build({
  entryPoints: [`${here}/${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  plugins: [packages],
  sourcemap: 'inline',
});
process.argv = [process.argv[0], outfile, ...rest];
await import(pathToFileURL(outfile).href);
