/** The version of this package. Apart from the other versions, so that `pith --version` need not load ONNX Runtime to know it. */
import { readFileSync } from 'node:fs';

export const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
