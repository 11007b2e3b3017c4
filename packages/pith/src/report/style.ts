/** The style sheet of the page: system fonts, light and dark, narrow and wide, print. All text has a contrast of 4.5 : 1 or more. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1a1f26; --muted: #57606b; --soft: #7c8692; --line: #d9dee4; --axis: #6b7480; --grid: #e9ecf0;
  --track: #f1f3f6; --a: #1f5fae; --b: #b3450c; --good: #17663a; --bad: #a3231c; --code: #f5f6f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --ink: #e7eaee; --muted: #a3adb9; --soft: #7f8a97; --line: #2d353f; --axis: #8b95a2; --grid: #232a33;
    --track: #1b222b; --a: #7ab5f5; --b: #f59a5c; --good: #6fd39a; --bad: #ff9a91; --code: #1a2028;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 928px; margin: 0 auto; padding: 56px 24px 72px; }
h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -0.02em; font-weight: 700; margin: 0; }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -0.01em; font-weight: 650; margin: 0 0 4px; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 650; margin: 0 0 2px; }
p { margin: 0; max-width: 68ch; text-wrap: pretty; }
section { margin-top: 52px; padding-top: 24px; border-top: 1px solid var(--line); }
.over { color: var(--muted); font-size: 0.875rem; margin-bottom: 6px; }
.headline { font-size: 1.375rem; line-height: 1.45; margin-top: 10px; max-width: none; font-variant-numeric: tabular-nums; }
.headline span { white-space: nowrap; }
header .about { margin-top: 18px; }
.about { color: var(--muted); font-size: 0.9375rem; }
.targets { list-style: none; margin: 18px 0 0; padding: 0; display: grid; gap: 6px; }
.targets li { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline; }
.verdict { font-weight: 650; white-space: nowrap; }
.met { color: var(--good); }
.missed { color: var(--bad); }
figure { margin: 20px 0 0; }
figcaption { margin-bottom: 10px; }
svg { display: block; max-width: 100%; height: auto; }
.narrow { display: none; max-width: 560px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 10px; padding: 0; font-size: 0.875rem; }
.legend li { display: flex; align-items: center; gap: 8px; }
.pair { display: grid; gap: 24px; margin-top: 20px; }
.pair figure { margin: 0; }
.small { display: grid; margin-top: 20px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); gap: 32px; }
.small figure { margin: 0; min-width: 0; }
.note { color: var(--muted); font-size: 0.875rem; }
.scroll { overflow-x: auto; margin-top: 16px; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--a); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; line-height: 1.4; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 7px 0 7px 18px; text-align: right; vertical-align: baseline; white-space: nowrap; font-weight: 400; }
th:first-child, td:first-child { padding-left: 0; }
th[scope=row], .left { text-align: left; }
thead th { color: var(--muted); font-weight: 600; padding-top: 3px; padding-bottom: 3px; vertical-align: bottom; }
thead tr:last-child th { padding-bottom: 7px; border-bottom: 1.5px solid var(--axis); }
thead th[colspan] { text-align: center; }
thead th[colspan] span { display: block; border-bottom: 1px solid var(--line); padding-bottom: 3px; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tfoot th, tfoot td { border-top: 1.5px solid var(--axis); font-weight: 650; }
th[scope=row] { max-width: 22em; overflow: hidden; text-overflow: ellipsis; }
details th[scope=row] { max-width: none; }
.scroll th:first-child { position: sticky; left: 0; background: var(--paper); }
details { margin-top: 12px; }
details + details { margin-top: 2px; }
summary { cursor: pointer; color: var(--a); font-size: 0.9375rem; width: fit-content; padding: 3px 0; border-radius: 3px; }
details table { width: auto; min-width: min(100%, 420px); }
pre {
  background: var(--code); border-radius: 6px; padding: 14px 16px; margin: 12px 0 0; overflow-x: auto; white-space: pre-wrap;
  font: 0.8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 6px 24px; margin: 16px 0 0; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; min-width: 0; }
.recipe { margin-top: 28px; }
.word { white-space: nowrap; }
.hash { font: 0.8125rem/1.7 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
@media (max-width: 760px) {
  main { padding: 32px 16px 48px; }
  h1 { font-size: 1.75rem; }
  .headline { font-size: 1.125rem; }
  section { margin-top: 40px; padding-top: 20px; }
  .wide { display: none; }
  .narrow { display: block; }
  th, td { padding-left: 14px; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 10px; }
}
@media print {
  :root {
    --paper: #ffffff; --ink: #000000; --muted: #444444; --soft: #666666; --line: #cccccc; --axis: #555555; --grid: #e4e4e4;
    --track: #f2f2f2; --a: #1f5fae; --b: #b3450c; --good: #17663a; --bad: #a3231c; --code: #f5f5f5;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 12.5px; }
  main { max-width: none; padding: 0; }
  section { margin-top: 24px; padding-top: 14px; }
  figure, tr, pre { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
  .wide { display: block; }
  .narrow { display: none; }
  .scroll { overflow: visible; }
  .scroll th:first-child { position: static; }
  .small { grid-template-columns: 1fr 1fr; }
  .facts { grid-template-columns: max-content 1fr; gap: 4px 20px; }
  details:not([open]) { display: none; }
}
`;
