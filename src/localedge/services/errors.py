"""The platform's codes for Workers that depend on each other."""

from __future__ import annotations

CODE_SERVICE_IN_USE = 10142
CODE_SERVICE_OF_BINDING = 10143
