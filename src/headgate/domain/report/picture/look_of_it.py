"""Colours and type of the picture: of its own, so that it reads the same in a page and as a file."""

from __future__ import annotations

STYLE = """\
.hg-picture{--ink:#1d2430;--quiet:#5c6675;--grid:#d9dee6;--stage:#7d8aa0;--for:#1c7c4a;--against:#b3372f;\
--new:#1f5fc4;--old:#7a5a00;font:12px system-ui,-apple-system,"Segoe UI",sans-serif}
@media (prefers-color-scheme:dark){.hg-picture{--ink:#e4e8ee;--quiet:#9aa5b4;--grid:#39424f;--stage:#9aa8be;\
--for:#5cc48b;--against:#f0857c;--new:#7cb0ff;--old:#e0b556}}
.hg-picture text{fill:var(--ink)}
.hg-picture .small{font-size:11px;fill:var(--quiet)}
.hg-picture .head{font-weight:600}
.hg-picture .for-ink{fill:var(--for)}
.hg-picture .against-ink{fill:var(--against)}
.hg-picture .axis{stroke:var(--quiet)}
.hg-picture .grid{stroke:var(--grid)}
.hg-picture .stage{fill:var(--stage);fill-opacity:.07}
.hg-picture .stage.even{fill-opacity:.16}
.hg-picture .line{fill:none;stroke-width:2;stroke-linejoin:round}
.hg-picture .act{stroke-dasharray:7 4;stroke-width:1.2}
.hg-picture .for{stroke:var(--for)}
.hg-picture .against{stroke:var(--against)}
.hg-picture .two{stroke-dasharray:6 3}
.hg-picture .three{stroke-dasharray:2 3}
.hg-picture .four{stroke-dasharray:9 3 2 3}
.hg-picture .line.new{stroke:var(--new)}
.hg-picture .line.old{stroke:var(--old)}
.hg-picture .band{fill-opacity:.2}
.hg-picture .band.new{fill:var(--new)}
.hg-picture .band.old{fill:var(--old)}
"""
