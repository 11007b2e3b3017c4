/**
 * Whether a file is the one that somebody meant: its SHA-256, written as a page writes it (W3C Subresource Integrity), checked while the file
 * comes. The browser's own check in fetch holds the whole file back until it has come; this one does not.
 */
import { PithError } from '../errors.js';

/** `sha256-` and the hash in base64; several, of which one must be right, are parted by spaces. Throws `usage.integrity`. */
export function parseIntegrity(text: string): readonly string[] {
  const words = typeof text === 'string' ? text.trim().split(/\s+/) : [text];
  for (const word of words)
    if (!/^sha256-[A-Za-z0-9+/]{43}=(\?.*)?$/.test(word))
      throw new PithError('usage.integrity', {
        at: { option: 'integrity' },
        expected: '"sha256-" and 32 bytes in base64',
        got: JSON.stringify(word),
        fix: 'openssl dgst -sha256 -binary model.pith | openssl base64 -A',
      });
  return words.map((word) => word.replace(/\?.*/, ''));
}

/** Throws `input.integrity` where the hash is none of these. */
export function checkIntegrity(allowed: readonly string[], hash: Uint8Array): void {
  const found = `sha256-${btoa(String.fromCharCode(...hash))}`;
  if (!allowed.includes(found))
    throw new PithError('input.integrity', {
      expected: allowed.join(' or '),
      got: found,
      fix: 'the file is not the one that was meant: fetch it again, or correct the hash',
    });
}
