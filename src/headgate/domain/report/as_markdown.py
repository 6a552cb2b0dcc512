"""The report as Markdown: exactly the sections, order and symbols of the team's template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.report import figures
from headgate.domain.texts import in_markdown, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headgate.domain.report.model import Act, Report

NOTHING_EXECUTED = "# nothing: no step was begun"


def as_markdown(report: Report, *, has_picture: bool = False) -> str:
    """The report as Markdown. What comes from outside stands on one line and is taken literally.

    The picture of its rollout is a file beside it.
    """
    about, metrics = report.about, report.metrics
    checks = [
        f"- [{'x' if check.passed else ' '}] {check.name}: {in_markdown(figures.pre_check(check))}"
        for check in report.pre_checks
    ]
    lines = [
        "## 🚀 DEPLOYMENT REPORT",
        "",
        f"📋 DEPLOYMENT: {in_markdown(about.service)} v{in_markdown(about.version)}",
        f"🕐 TIME: {about.started_at} → {about.ended_at or 'still running'}",
        f"🎯 ENV: {in_markdown(about.environment)}",
        "",
        "### ✅ PRE-CHECKS",
        *checks,
        "",
        "### 📦 DEPLOYMENT",
        "```bash",
        "# Commands executed",
        *_commands(report.acts),
        "```",
        "",
        "### 📊 METRICS",
        f"- Deploy time: {figures.deploy_time(report)}",
        f"- Error rate: {figures.error_rate(metrics)}",
        f"- Latency p95: {figures.latency_p95(metrics)}",
        f"- Rollback ready: {in_markdown(figures.rollback_ready(metrics))}",
        *(f"- {in_markdown(name)}: {in_markdown(value)}" for name, value in figures.weighed(metrics)),
        *(["", f"![Evidence and error rates over time]({about.change_id}.svg)"] if has_picture else []),
        "",
        "### 🚨 ISSUES",
        *_items(report.issues or ("None",)),
        "",
        "### 📝 NEXT STEPS",
        *_items(report.next_steps),
    ]
    return "\n".join(lines) + "\n"


def _items(texts: Iterable[str]) -> list[str]:
    return [f"- {in_markdown(text)}" for text in texts]


def _commands(acts: tuple[Act, ...]) -> list[str]:
    lines = [NOTHING_EXECUTED] if not acts else []
    for act in acts:
        lines.append(f"# {one_line(figures.act(act))}")
        lines += [_call(call) for call in act.calls]
    return lines


def _call(call: str) -> str:
    line = one_line(call)
    # A line that begins so would end the block, or look like a heading to a simple reader.
    return f"# {line}" if line.startswith(("```", "#")) else line
