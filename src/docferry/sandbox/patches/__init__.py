"""What AWS does and ministack lacks, one file each. Every patch is applied before the server starts."""

from importlib import import_module

PATCHES = (
    "batch_permissions",
    "copied_whole",
    "copy_conditions",
    "embedded_metrics",
    "error_types",
    "foreign_roles",
    "foreign_sources",
    "machine_tracing",
    "multipart_tags",
    "overwritten_tags",
    "part_heads",
    "prompt_events",
    "redrive",
    "restored_parts",
    "secure_loopback",
    "stream_permissions",
    "stream_state",
    "tag_events",
    "token_failures",
    "watched_alarms",
    "whole_alarms",
    "whole_answers",
)


def apply() -> None:
    """Patch ministack in this process. Raises UnknownServer if it is not the version the patches were made for."""
    for name in PATCHES:
        import_module(f"{__name__}.{name}").apply()
