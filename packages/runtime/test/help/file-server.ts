/**
 * A server of one file that can be told to fail: connections cut after so many bytes, ranges ignored, versions that change, answers that
 * are slow or never come. It counts the bytes of bodies that it hands out.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly file: Uint8Array;
  readonly tag?: string | undefined;
  readonly modified?: string;
  /** Whether ranges are honoured; they are unless said. */
  readonly ranges?: boolean;
  /** The connection is cut after so many bytes of the body. */
  readonly cut?: number | undefined;
  readonly status?: number;
  /** Instead of the true one; null: none, the body comes in chunks. */
  readonly length?: number | null;
  readonly type?: string;
  /** Headers that come with the answer as they are. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before each piece of `piece` bytes, and before a cut: what a browser has not handed on by then is lost. */
  readonly delay?: number;
  readonly piece?: number;
  /** Nothing is ever answered. */
  readonly silent?: boolean;
}

export interface FileServer {
  readonly address: string;
  /** Bytes of bodies handed out, and the requests: their ranges, '' where the whole was asked for. */
  readonly seen: { bytes: number; readonly ranges: string[] };
  close(): Promise<void>;
}

/** `served` says what the n-th request for a path gets. */
export async function serveFile(served: (n: number, path: string) => Served): Promise<FileServer> {
  const seen = { bytes: 0, ranges: [] as string[] };
  const server = createServer((request, response) => {
    // what another origin allows to ask with: nothing beyond what needs no permission
    if (request.method === 'OPTIONS') return void response.writeHead(204, { 'access-control-allow-origin': '*' }).end();
    const n = seen.ranges.push(request.headers.range ?? '') - 1;
    void answer(served(n, request.url ?? '/'), request, response, seen);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(what: Served, request: IncomingMessage, response: ServerResponse, seen: FileServer['seen']): Promise<void> {
  if (what.silent) return;
  const { file, tag, modified, ranges = true, status = 200, type = 'application/vnd.pith' } = what;
  const from = startOf(request, what);
  const partial = ranges && status === 200 && from !== undefined;
  const start = partial ? from : 0;
  const headers = {
    'content-type': type,
    'access-control-allow-origin': '*',
    // a browser's cache knows ranges, too
    'cache-control': 'no-store',
    ...(tag !== undefined && { etag: tag }),
    ...(modified !== undefined && { 'last-modified': modified }),
    ...what.headers,
  };
  if (partial && start >= file.length) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  response.writeHead(partial ? 206 : status, {
    ...headers,
    ...(what.length !== null && { 'content-length': String(what.length ?? file.length - start) }),
    ...(partial && { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` }),
  });
  const end = Math.min(file.length, start + (what.cut ?? file.length));
  const { piece = 1 << 16, delay = 0 } = what;
  for (let at = start; at < end && !response.destroyed; at += piece) {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const part = file.subarray(at, Math.min(at + piece, end));
    seen.bytes += part.length;
    await new Promise<void>((resolve) => response.write(part, () => resolve()));
  }
  if (what.cut !== undefined && delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  // who was promised more would wait for it
  if (what.cut === undefined && typeof what.length !== 'number') response.end();
  else response.destroy();
}

/** Where the range starts that is asked for, unless another version is meant. */
function startOf({ headers }: IncomingMessage, { tag, modified }: Served): number | undefined {
  const found = /^bytes=(\d+)-$/.exec(headers.range ?? '');
  const wanted = headers['if-range'];
  return found && (wanted === undefined || wanted === tag || wanted === modified) ? Number(found[1]) : undefined;
}
