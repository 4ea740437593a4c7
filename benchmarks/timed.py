"""Runs one program and tells what it cost, as JSON in a file: `python -S timed.py RESULT PROGRAM ARGUMENT…`.

A process of its own, and a small one, because on Linux a child's peak memory is never less than that of the
process it was started from.
"""

import json
import os
import sys
import time


def main(result: str, command: list[str]) -> None:
    """Write wall and CPU seconds, peak memory in MiB and the exit code of `command` to the file `result`."""
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    told = {
        "wall_s": time.perf_counter() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(told, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
