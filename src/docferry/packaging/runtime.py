"""What the functions run on: architecture and Python version, and what both mean to pip."""

import platform
import sys
from dataclasses import dataclass
from enum import StrEnum

from docferry.domain.errors import InvalidInput


class Architecture(StrEnum):
    """Processor of a function, as Lambda calls it."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


MACHINES = {Architecture.ARM64: "aarch64", Architecture.X86_64: "x86_64"}
"""The same as Linux and wheels call them."""

GLIBC_MINOR = {"3.11": 26, "3.12": 34, "3.13": 34, "3.14": 34}
"""Minor version of glibc 2 under each of Lambda's Pythons: 3.11 runs on Amazon Linux 2, the others on 2023.

Source: docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

OLDEST_GLIBC_MINOR = 17
"""What manylinux2014 wheels were built against, the oldest that there are for aarch64."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """One of Lambda's Python runtimes. Raises InvalidInput for a version that it or docferry does not have."""

    architecture: Architecture
    python: str

    def __post_init__(self) -> None:
        if self.python not in GLIBC_MINOR:
            raise InvalidInput(
                f"there is no function runtime for Python {self.python!r}; nothing was built",
                hint=f"name one of {', '.join(GLIBC_MINOR)}",
            )

    @classmethod
    def here(cls) -> "Runtime":
        """Return the runtime whose zip this machine can run. Raises InvalidInput if there is none."""
        found = [one for one, machine in MACHINES.items() if machine == platform.machine()]
        if not found or sys.platform != "linux":
            raise InvalidInput(
                f"no function runtime is like this machine ({sys.platform}, {platform.machine()})",
                hint="use Linux on x86_64 or aarch64",
            )
        return cls(found[0], ".".join(map(str, sys.version_info[:2])))

    def platforms(self) -> list[str]:
        """Return the wheel platforms that run there, newest first, as pip's `--platform` takes them."""
        machine = MACHINES[self.architecture]
        minors = range(GLIBC_MINOR[self.python], OLDEST_GLIBC_MINOR - 1, -1)
        # pip does not know that manylinux2014 is another name of manylinux_2_17: wheels may carry either.
        return [*(f"manylinux_2_{minor}_{machine}" for minor in minors), f"manylinux2014_{machine}"]

    def abi(self) -> str:
        """Return the ABI of its compiled modules, such as cp313."""
        return f"cp{self.python.replace('.', '')}"

    def markers(self) -> dict[str, str]:
        """Return the environment that requirements' markers are judged in: the function's, not this machine's."""
        full = f"{self.python}.0"
        return {
            "implementation_name": "cpython",
            "implementation_version": full,
            "os_name": "posix",
            "platform_machine": MACHINES[self.architecture],
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": full,
            "python_version": self.python,
            "sys_platform": "linux",
        }
