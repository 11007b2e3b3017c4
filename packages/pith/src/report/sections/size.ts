/** How the size came down, stage by stage, and where the bytes of the file are. */
import { bars } from '../charts/bars.js';
import { responsive } from '../charts/chart.js';
import { formatBytes, formatCount, formatPercent, formatRatio } from '../format.js';
import { wasRated } from '../layers.js';
import { type Html, html } from '../markup.js';
import type { Report } from '../report.js';
import { folded } from '../table.js';

export function stagesSection(report: Report): Html {
  const { bytes } = report;
  const original = { name: 'float32', bytes: bytes.original };
  const stages = wasRated(report)
    ? [original, { name: 'the whole file', bytes: bytes.file }]
    : [
        original,
        { name: 'P: pruned (CSR)', bytes: bytes.pruned },
        { name: 'P+Q: shared, fixed-length codes', bytes: bytes.shared },
        { name: 'P+Q+H: Huffman-coded, whole file', bytes: bytes.file },
      ];
  const ratio = (size: number): string => formatRatio(bytes.original / size);
  const rows = stages.map((stage, i) => ({
    name: stage.name,
    amount: stage.bytes,
    value: i === 0 ? formatBytes(stage.bytes) : `${formatBytes(stage.bytes)} · ${ratio(stage.bytes)}`,
    ...(i === 0 ? {} : { before: stages[i - 1]?.bytes ?? Number.NaN }),
  }));
  return html`<section>
<h2>How the size came down</h2>
<p class="about">Dashed: what the stage took away.</p>
<figure>${responsive((frame) => bars('Bytes after each stage', rows, frame, { text: 22, bar: 22, gap: 14 }))}</figure>
${folded({
  label: 'Bytes after each stage',
  columns: [{ title: 'stage' }, { title: 'bytes' }, { title: 'of float32' }, { title: 'times smaller' }],
  rows: stages.map((stage) => [stage.name, formatCount(stage.bytes), formatPercent(stage.bytes / bytes.original), ratio(stage.bytes)]),
})}
</section>
`;
}

/** Bars beyond this number are summed into one; the table has them all. */
const MOST_BARS = 24;

export function fileSection({ sections, bytes }: Report): Html | undefined {
  if (sections.length === 0) return undefined;
  const share = (size: number): string => formatPercent(size / bytes.file, 1);
  const shown = sections.slice(0, sections.length > MOST_BARS ? MOST_BARS - 1 : MOST_BARS);
  const rest = sections.slice(shown.length);
  const restBytes = rest.reduce((total, section) => total + section.bytes, 0);
  const rows = [...shown, ...(rest.length ? [{ name: `${rest.length} others`, bytes: restBytes }] : [])].map((section) => ({
    name: section.name,
    amount: section.bytes,
    value: `${formatBytes(section.bytes)} · ${share(section.bytes)}`,
  }));
  return html`<section>
<h2>Where the bytes of the file are</h2>
<p class="about">${formatCount(bytes.file)} bytes in the order in which they stand.</p>
<figure>${responsive((frame) => bars('Bytes of each section of the file', rows, frame, { text: 20, bar: 8, gap: 10 }))}</figure>
${folded({
  label: 'Bytes of each section',
  columns: [{ title: 'section' }, { title: 'bytes' }, { title: 'of the file' }],
  rows: sections.map((section) => [section.name, formatCount(section.bytes), share(section.bytes)]),
})}
</section>
`;
}
