/** The report's style sheet: neutral greys and hairlines, so that the photos are what is colourful. */
export const style = `
:root { color-scheme: light dark; --back: #fbfbfb; --text: #1b1b1b; --faint: #666; --line: #dcdcdc; --bar: #4a6fa5; --bad: #9c2f24; }
@media (prefers-color-scheme: dark) {
  :root { --back: #161616; --text: #e8e8e8; --faint: #9a9a9a; --line: #333; --bar: #7fa3d6; --bad: #f0978a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px; max-width: 1120px; background: var(--back); color: var(--text);
  font: 14px/20px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0 0 8px; font-size: 24px; line-height: 32px; font-weight: 600; }
p { margin: 0 0 4px; }
.placement, .facts, .folder, footer, thead th, figcaption, .range { color: var(--faint); }
.notice { color: var(--bad); }
.legend { margin: 16px 0 0; display: grid; grid-template: auto 1fr / 240px 1fr; gap: 4px 24px; max-width: 880px; }
.legend .scale { height: 12px; margin-top: 4px; }
.legend .range { grid-column: 1; }
.legend figcaption { grid-column: 2; grid-row: 1 / 3; font-size: 12px; line-height: 16px; }
.range { display: flex; justify-content: space-between; font-size: 12px; line-height: 16px; }
/* Rows by themselves: a table's own layout looks at all rows whenever one comes, and thousands take a while. */
table, thead, tbody { display: block; }
table { margin-top: 24px; }
tr { display: grid; grid-template-columns: 26% 176px 176px minmax(0, 1fr); }
tbody tr { content-visibility: auto; contain-intrinsic-size: auto 190px; }
th { text-align: left; font-weight: 400; }
thead th { font-size: 12px; padding: 0 16px 8px 0; }
tbody tr { border-top: 1px solid var(--line); }
tbody th, tbody td { padding: 16px 16px 16px 0; vertical-align: top; }
tbody th { overflow-wrap: anywhere; unicode-bidi: isolate; }
tbody th span { display: block; }
.folder, .facts { font-size: 12px; line-height: 16px; }
.name { font-weight: 600; }
.picture { width: 176px; }
.picture .range { width: 160px; }
img { display: block; max-width: 160px; max-height: 160px; width: auto; height: auto; }
.note { display: block; font-size: 12px; line-height: 16px; color: var(--faint); max-width: 200px; }
.damaged { color: var(--bad); }
.labels { list-style: none; margin: 0; padding: 0; }
.labels li { display: grid; grid-template-columns: 1fr 64px; padding: 0 0 4px; max-width: 420px; }
.labels li:first-child, .labels .holds { font-weight: 600; }
.labels .percent { text-align: right; }
.labels .bar { grid-column: 1 / 3; height: 2px; background: var(--line); position: relative; }
.labels .bar::after { content: ''; position: absolute; inset: 0 auto 0 0; width: calc(var(--p) * 100%); background: var(--bar); }
.unsure .label::before { content: '? '; color: var(--faint); }
.word { margin: 8px 0 0; font-weight: 600; }
.failed td { color: var(--bad); grid-column: span 3; }
.code { font-family: ui-monospace, monospace; font-size: 12px; margin-right: 8px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
footer { margin-top: 24px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 12px; }
@media (max-width: 720px) {
  thead { display: none; }
  tbody tr { display: flex; flex-wrap: wrap; }
  tbody th, tbody td:last-child { width: 100%; padding-right: 0; }
  tbody th { padding-bottom: 0; }
  tbody td:last-child { padding-top: 0; }
  .legend { display: block; }
  .legend figcaption { margin-top: 8px; }
}
@media print { body { background: #fff; color: #000; } tbody tr { break-inside: avoid; content-visibility: visible; } }
`;
