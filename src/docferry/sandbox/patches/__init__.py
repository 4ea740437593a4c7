"""What AWS does and ministack lacks, one file each. Every patch is applied before the server starts."""

from importlib import import_module

PATCHES = (
    "copied_whole",
    "copy_conditions",
    "multipart_tags",
    "overwritten_tags",
    "part_heads",
    "prompt_events",
    "restored_parts",
    "stream_state",
    "tag_events",
)


def apply() -> None:
    """Patch ministack in this process. Raises UnknownServer if it is not the version the patches were made for."""
    for name in PATCHES:
        import_module(f"{__name__}.{name}").apply()
