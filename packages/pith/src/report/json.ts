/** JSON for reading: what fits on a line stands on one, so that a recipe has a line for each step. */

const WIDTH = 104;

export function layoutJson(value: unknown): string {
  return layout(JSON.parse(JSON.stringify(value ?? null)), '', 0);
}

/** `used`: columns that the line already holds. */
function layout(value: unknown, indent: string, used: number): string {
  const flat = onOneLine(value);
  if (typeof value !== 'object' || value === null || used + flat.length <= WIDTH) return flat;
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => deeper + layout(item, deeper, deeper.length))
    : Object.entries(value).map(([key, item]) => {
        const start = `${deeper}${JSON.stringify(key)}: `;
        return start + layout(item, deeper, start.length);
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function onOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${onOneLine(item)}`);
  return entries.length ? `{ ${entries.join(', ')} }` : '{}';
}
