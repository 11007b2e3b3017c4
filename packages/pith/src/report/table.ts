/** Tables of the page: numbers at the right with equal digits, the first column as the row's heading, a total at the end. */
import { type Html, html } from './markup.js';

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left';
}

export interface Table {
  /** What the table holds. */
  readonly label: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly foot?: readonly string[];
  /** A row above the titles, for columns that belong together. */
  readonly head?: Html;
}

export function table({ label, columns, rows, foot, head }: Table): Html {
  const side = (c: number): Html | undefined => (columns[c]?.align === 'left' ? html` class="left"` : undefined);
  const cell = (text: string, c: number): Html =>
    c === 0 ? html`<th scope="row" title="${text}">${text}</th>` : html`<td${side(c)}>${text}</td>`;
  const row = (cells: readonly string[]): Html => html`<tr>${columns.map((_, c) => cell(cells[c] ?? '', c))}</tr>\n`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead>${head}<tr>${columns.map(({ title }, c) => html`<th scope="col"${c === 0 ? html` class="left"` : side(c)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map(row)}</tbody>
${foot ? html`<tfoot>${row(foot)}</tfoot>\n` : undefined}</table></div>`;
}

/** The table that belongs to a chart, folded. */
export const folded = (given: Table): Html => html`<details><summary>${given.label}</summary>${table(given)}</details>`;
