"""Every command and every query of Headgate, and what they are given to work with."""

from __future__ import annotations

from headgate.app.application import Application

__all__ = ["Application"]
