"""Which distributions the functions need, each pinned to the version that is installed and was tested here."""

from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docferry.domain.errors import InvalidInput
from docferry.packaging.runtime import Runtime

ROOT = "docferry[lambda]"

Pins = dict[str, str]
"""Version by canonical name, sorted by name."""


def pinned(runtime: Runtime, root: str = ROOT) -> Pins:
    """Return all that `root` requires on the runtime, directly or not, without itself.

    Raises InvalidInput for a requirement that is not installed here: nothing says which version was tested.
    """
    first = Requirement(root)
    waiting = [first]
    seen: set[tuple[str, str]] = set()
    pins: Pins = {}
    while waiting:
        one = waiting.pop()
        # The extra "" stands for what is required without any.
        for extra in sorted({"", *one.extras}):
            if (key := (canonicalize_name(one.name), extra)) not in seen:
                seen.add(key)
                version, further = _look(one, extra, runtime)
                pins[key[0]] = version
                waiting += further
    pins.pop(canonicalize_name(first.name), None)
    return dict(sorted(pins.items()))


def _look(one: Requirement, extra: str, runtime: Runtime) -> tuple[str, list[Requirement]]:
    try:
        held = distribution(one.name)
    except PackageNotFoundError as error:
        raise InvalidInput(
            f"the functions need {one.name}, which is not installed here, so that its version is not known; "
            "nothing was built",
            hint=f"pip install '{one.name}{one.specifier}', in the environment of docferry",
        ) from error
    environment = {**runtime.markers(), "extra": extra}
    if extra and extra not in (held.metadata.get_all("Provides-Extra") or ()):
        raise InvalidInput(
            f"the installed {one.name} {held.version} has no extra {extra!r}; nothing was built",
            hint=f"install {one.name} again: its metadata may be older than its code",
        )
    needs = map(Requirement, held.requires or ())
    return held.version, [need for need in needs if need.marker is None or need.marker.evaluate(environment)]
