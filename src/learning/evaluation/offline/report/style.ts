/** Follows the reader's light or dark; prints on white. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5f6770; --line: #d9dde2; --paper: #fff; --card: #f6f7f9;
  --better: #177a4c; --worse: #b3372f; --neutral: #3b6fb6; --note: #8a5a00; --note-paper: #fff6e0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #9aa3ad; --line: #343a42; --paper: #14171a; --card: #1c2025;
  --better: #4fc08d; --worse: #ef8077; --neutral: #7eb0f0; --note: #f0c36a; --note-paper: #2b2415; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 860px; padding: 32px 20px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 8px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 22px 0 6px; }
p { margin: 6px 0; } .soft, caption, figcaption { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px 18px; margin: 20px 0; }
dt { color: var(--soft); font-size: 13px; } dd { margin: 0; font-weight: 600; }
.note { background: var(--note-paper); color: var(--note); border-radius: 6px; padding: 8px 12px; margin: 8px 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin: 8px 0; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 110px; padding-left: 0; }
td.text, th.text { text-align: left; white-space: normal; } th { color: var(--soft); font-weight: 500; font-size: 13px; }
tr.baseline td:first-child::after { content: " baseline"; color: var(--soft); font-size: 12px; }
figure { margin: 8px 0 18px; overflow-x: auto; } figcaption { font-size: 13px; margin-bottom: 2px; }
svg { width: 100%; min-width: 520px; height: auto; display: block; background: var(--card); border-radius: 8px; padding: 8px 0; }
svg text { fill: var(--ink); font-size: 13px; } svg .tick { fill: var(--soft); font-size: 11px; }
.grid { stroke: var(--line); } .zero { stroke: var(--soft); stroke-dasharray: 3 3; } .interval { stroke-width: 3; stroke-linecap: round; }
svg .better { fill: var(--better); stroke: var(--better); } svg .worse { fill: var(--worse); stroke: var(--worse); }
svg .neutral { fill: var(--neutral); stroke: var(--neutral); } svg g text, svg rect { stroke: none; }
td.better { color: var(--better); } td.worse { color: var(--worse); }
@media print { :root { --paper: #fff; --ink: #000; --card: #fff; } }
`;
