/** All that is needed to make the result again: command, recipe, seed, versions, hashes. */
import { formatPercent, formatSeconds } from '../format.js';
import { layoutJson } from '../json.js';
import { type Html, html } from '../markup.js';
import type { Report } from '../report.js';

export function againSection(report: Report): Html {
  const { command, recipe, seed, versions, sourceHash, fileHash, seconds, error } = report;
  const fact = (name: string, value: Html | string): Html => html`<dt>${name}</dt><dd>${value}</dd>\n`;
  return html`<section>
<h2>To make it again</h2>
<p class="about">The same command, data, versions and number of threads on the same machine give the same file.</p>
<pre><code>${command.split(' ').map((word, i) => html`${i ? ' ' : ''}<span class="word">${word}</span>`)}</code></pre>
<dl class="facts">
${fact('Seed', String(seed))}${Object.entries(versions).map(([name, version]) => fact(name, version))}${fact('Time', formatSeconds(seconds))}${fact('Error, decoded to ONNX', formatPercent(error.decoded))}${fact(
  'SHA-256 of the model',
  html`<span class="hash">${sourceHash}</span>`,
)}${fact('SHA-256 of the file', html`<span class="hash">${fileHash}</span>`)}</dl>
<h3 class="recipe">Recipe</h3>
<pre><code>${layoutJson(recipe)}</code></pre>
</section>
`;
}
