/**
 * The report as one HTML file: no network, no script, readable without colour and on paper. Every chart has its numbers in a table
 * under it. The same report gives the same bytes.
 */
import { formatCount, formatSeconds } from './format.js';
import { headlineParts } from './headline.js';
import { type Html, html, Html as Markup } from './markup.js';
import type { Report } from './report.js';
import { againSection } from './sections/again.js';
import { evidenceSection } from './sections/evidence.js';
import { frontierSection } from './sections/frontier.js';
import { layersSection } from './sections/layers.js';
import { curvesSection, pointsSection } from './sections/run.js';
import { fileSection, stagesSection } from './sections/size.js';
import { weightsSection } from './sections/weights.js';
import { style } from './style.js';

/** The style sheet of the page may be applied; nothing may be loaded or run. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const sections = [
  stagesSection,
  frontierSection,
  evidenceSection,
  layersSection,
  fileSection,
  weightsSection,
  pointsSection,
  curvesSection,
  againSection,
];

export interface Page {
  /** What is in the window's title. */
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly (Html | undefined)[];
}

/** A whole HTML document, in the style of all reports. */
export function renderPage({ title, header: top, sections: parts }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${Markup.trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · pith report</title>
<style>${Markup.trusted(style)}</style>
</head>
<body>
<main>
${top}
${parts}
</main>
</body>
</html>
`.markup;
}

/** Every string of the report is escaped; what a report lacks (layers, points, curves) is left out. */
export const renderReport = (report: Report): string =>
  renderPage({ title: report.network, header: header(report), sections: sections.map((section) => section(report)) });

/** One line for each target that was given. */
export function targetList(targets: Report['targets']): Html | undefined {
  if (targets.length === 0) return undefined;
  const target = ({ name, wanted, got, met }: Report['targets'][number]): Html =>
    html`<li><span class="verdict ${met ? 'met' : 'missed'}">${met ? '✓ met' : '✗ not met'}</span> <span>${name}: wanted ${wanted}, got ${got}</span></li>`;
  return html`<ul class="targets" aria-label="Targets">${targets.map(target)}</ul>`;
}

function header(report: Report): Html {
  const { network, data, seed, seconds, targets } = report;
  const headline = headlineParts(report).map((part, i) => html`${i ? ' · ' : ''}<span>${part}</span>`);
  return html`<header>
<p class="over">Compression report</p>
<h1>${network}</h1>
<p class="headline">${headline}</p>
${targetList(targets)}
<p class="about">${data.name}: ${formatCount(data.train)} training and ${formatCount(data.test)} test examples in ${data.classes.length} classes · seed ${seed} · ${formatSeconds(seconds)}</p>
</header>`;
}
