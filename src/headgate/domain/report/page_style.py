"""How the report's page looks, in light and dark, on a wide screen and on a phone."""

from __future__ import annotations

STYLE = """\
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #ffffff; --text: #1d2430; --quiet: #5c6675; --line: #e1e5eb;
  --good: #1c7c4a; --bad: #b3372f; --open: #8a6412; --code: #f1f3f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14181f; --card: #1c222b; --text: #e4e8ee; --quiet: #9aa5b4; --line: #2f3844;
    --good: #5cc48b; --bad: #f0857c; --open: #e0b556; --code: #151a21;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--back); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
}
main { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header, section {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 1.1rem 1.25rem; margin-bottom: 1rem;
}
h1 { font-size: 1.35rem; margin: 0.2rem 0 0.9rem; letter-spacing: 0.01em; }
h2 { font-size: 1rem; margin: 0 0 0.7rem; letter-spacing: 0.03em; }
.outcome { margin: 0; font-weight: 700; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.open { color: var(--open); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.2rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.2rem; }
li { margin: 0.25rem 0; overflow-wrap: anywhere; }
.checks { list-style: none; padding: 0; }
.checks span { color: var(--quiet); }
section p { margin: 0; color: var(--quiet); }
h3 { font-size: 0.95rem; font-weight: 600; margin: 0.9rem 0 0.3rem; overflow-wrap: anywhere; }
pre {
  margin: 0; padding: 0.6rem 0.8rem; overflow-x: auto; background: var(--code); border-radius: 6px;
  font: 0.82rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}
code { font: 0.88em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
table { width: 100%; margin-top: 1rem; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.5rem; border-top: 1px solid var(--line); text-align: right; font-weight: 400; }
th:first-child { text-align: left; color: var(--quiet); padding-left: 0; }
tr:first-child th { border-top: 0; color: var(--quiet); }
footer { color: var(--quiet); font-size: 0.85rem; text-align: center; }
@media (max-width: 34rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
}
@media print { body { background: none; } header, li, h3 { break-inside: avoid; } }
"""
