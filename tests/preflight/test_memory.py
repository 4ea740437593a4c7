"""What memory a run takes, on the configuration of this repository; how long, `make bench-preflight` measures."""

import shutil
import subprocess
import sys
from pathlib import Path

INFRA = Path(__file__).parents[2] / "infra"
COPIES = 5
MEMORY_MIB = 150
MEASURE = """
import re, sys
from datetime import date
from pathlib import Path
from docferry.preflight.rule import Context
from docferry.preflight.rules import all_rules
from docferry.preflight.run import run
files = run(Path(sys.argv[1]), Context(date(2025, 6, 1)), all_rules()).files
# What getrusage says is not below what the process had that started this one. Only Linux has the file.
status = Path("/proc/self/status")
found = re.search(r"VmHWM:\\s+([0-9]+) kB", status.read_text()) if status.exists() else None
print(files, int(found[1]) / 1024 if found else 0)
"""


def test_a_run_takes_little_memory(tmp_path: Path) -> None:
    for number in range(COPIES):
        shutil.copytree(INFRA, tmp_path / str(number), ignore=shutil.ignore_patterns(".*"))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], check=True, capture_output=True, text=True, timeout=120
    )
    files, peak_mib = (float(one) for one in done.stdout.split())
    assert files > 100
    assert peak_mib < MEMORY_MIB
