"""The platform's codes for Durable Objects that do not fit together."""

from __future__ import annotations

CODE_NO_CLASS = 10061
"""A binding to a class that has no namespace, or a class deleted that is still bound."""
CODE_NOT_EXPORTED_ANY_MORE = 10064
CODE_NEW_CLASS_NOT_EXPORTED = 10070
CODE_CLASS_CONFLICT = 10074
CODE_MIGRATION_TAG = 10079
CODE_MIGRATION_IN_VERSION = 10211
CODE_BEFORE_MIGRATION = 10504
"""The edge's own: the platform refuses it too, with a code that is not published."""
CODE_NAMESPACE_MISSING = 10066
