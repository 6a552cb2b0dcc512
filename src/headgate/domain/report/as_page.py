"""The report as one HTML page: no script, nothing loaded from elsewhere, everything from outside escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from headgate.domain.report import figures
from headgate.domain.report.ending import WORDS
from headgate.domain.report.model import About, State
from headgate.domain.report.page_style import STYLE
from headgate.domain.texts import one_line, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from headgate.domain.report.model import Act, Metrics, PreCheck, Report, VersionFigures

_OUTCOMES: Mapping[State, tuple[str, str]] = {
    State.DONE: ("good", "Live"),
    State.ROLLED_BACK: ("bad", "Rolled back"),
    State.REJECTED: ("bad", "Rejected"),
    State.RUNNING: ("open", "Not finished"),
}
_ROWS: tuple[tuple[str, Callable[[VersionFigures], str]], ...] = (
    ("Requests", lambda counted: f"{counted.requests:,}"),
    ("Error rate", lambda counted: figures.percent(counted.error_rate_percent)),
    ("Latency p50", lambda counted: figures.milliseconds(counted.p50_ms)),
    ("Latency p95", lambda counted: figures.milliseconds(counted.p95_ms)),
    ("Latency p99", lambda counted: figures.milliseconds(counted.p99_ms)),
)


def as_page(report: Report, picture: str = "") -> str:
    """The report as a page of its own, with the picture of its rollout."""
    about = report.about
    title = _text(f"{about.service} v{about.version} in {about.environment}")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Deployment report: {title}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
{_head(about)}
{_section("✅ PRE-CHECKS", _pre_checks(report.pre_checks))}
{_section("📦 DEPLOYMENT", _commands(report.acts))}
{_section("📊 METRICS", _metrics(report, picture))}
{_section("🚨 ISSUES", _list(report.issues or ("None",)))}
{_section("📝 NEXT STEPS", _list(report.next_steps))}
<footer>Change {_text(about.change_id)} · written by Headgate from its journal</footer>
</main>
</body>
</html>
"""


def _head(about: About) -> str:
    look, outcome = _OUTCOMES[about.state]
    if about.ending:
        outcome = WORDS[about.ending].capitalize()
    facts = {
        "📋 DEPLOYMENT": f"{about.service} v{about.version}",
        "🕐 TIME": f"{about.started_at} → {about.ended_at or 'still running'}",
        "🎯 ENV": about.environment,
        "Serving now": about.serving,
        "By": about.author,
        "Reason": about.reason,
        "Artifact": about.artifact or "none: nothing was uploaded",
    }
    rows = "\n".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in facts.items())
    return f"""<header>
<p class="outcome {look}">{outcome}</p>
<h1>🚀 DEPLOYMENT REPORT</h1>
<dl>
{rows}
</dl>
</header>"""


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{content}\n</section>"


def _pre_checks(checks: Iterable[PreCheck]) -> str:
    rows = [
        f'<li class="{"good" if check.passed else "bad"}"><b>{_text(check.name)}: {_text(check.word)}</b>'
        f" <span>{_text(check.details)}</span></li>"
        for check in checks
    ]
    return _joined('<ul class="checks">', rows, "</ul>")


def _commands(acts: tuple[Act, ...]) -> str:
    if not acts:
        return "<p>Nothing was executed: no step was begun.</p>"
    return _joined("<p>Commands executed</p>", [_act(act) for act in acts], "")


def _act(act: Act) -> str:
    calls = "\n".join(escape(one_line(call)) for call in act.calls)
    return f"<h3>{_text(figures.act(act))}</h3>" + (f"\n<pre>{calls}</pre>" if calls else "")


def _metrics(report: Report, picture: str) -> str:
    metrics = report.metrics
    lines = {
        "Deploy time": figures.deploy_time(report),
        "Error rate": figures.error_rate(metrics),
        "Latency p95": figures.latency_p95(metrics),
        "Rollback ready": figures.rollback_ready(metrics),
    }
    lines |= dict(figures.weighed(metrics))
    items = [f"<li><b>{_text(name)}:</b> {_text(value)}</li>" for name, value in lines.items()]
    drawn = f"\n{picture.rstrip()}" if picture else ""
    return _joined("<ul>", items, "</ul>") + _comparison(metrics) + drawn


def _comparison(metrics: Metrics) -> str:
    if metrics.new is None:
        return ""
    versions = [counted for counted in (metrics.new, metrics.old) if counted]
    names = ("this version", "the one before")[: len(versions)]
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = [
        f"<tr><th>{name}</th>{''.join(f'<td>{shown(counted)}</td>' for counted in versions)}</tr>"
        for name, shown in _ROWS
    ]
    return "\n" + _joined(f"<table>\n<tr><th></th>{head}</tr>", rows, "</table>")


def _list(texts: Iterable[str]) -> str:
    return _joined("<ul>", [f"<li>{_text(text)}</li>" for text in texts], "</ul>")


def _joined(begin: str, lines: Iterable[str], end: str) -> str:
    return "\n".join(part for part in (begin, *lines, end) if part)


def _text(value: str) -> str:
    return "".join(f"<code>{escape(text)}</code>" if code else escape(text) for text, code in spans(value))
