/** The program of the worker: serves a model on each port that it is handed. */
import { serve } from './serve.js';

globalThis.onmessage = ({ data, ports: [port] }: MessageEvent<unknown>): void => {
  if (data === 'pith' && port) serve(port);
};
