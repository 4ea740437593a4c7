"""When AWS deprecates runtimes, and from when on it refuses to create or update functions that use them.

Dates of https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html as of READ_ON. AWS has put off the dates
of blocks more than once. Runtimes that exist only as container images are left out.
"""

from dataclasses import dataclass
from datetime import date

READ_ON = date(2026, 6, 2)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The first days without support, without new functions, and without updates of functions."""

    deprecated: date
    create_blocked: date
    update_blocked: date


_DATES = """
dotnet10        2028-11-14 2028-12-14 2029-01-15
dotnet8         2026-11-10 2027-02-01 2027-03-03
dotnet6         2024-12-20 2027-02-01 2027-03-03
dotnetcore3.1   2023-04-03 2023-04-03 2023-05-03
dotnetcore2.1   2022-01-05 2022-01-05 2022-04-13
dotnetcore2.0   2019-05-30 2019-05-30 2019-05-30
dotnetcore1.0   2019-06-27 2019-06-30 2019-07-30
go1.x           2024-01-08 2024-02-08 2027-03-03
java25          2029-06-30 2029-07-31 2029-08-31
java21          2029-06-30 2029-07-31 2029-08-31
java17          2027-06-30 2027-07-31 2027-08-31
java11          2027-06-30 2027-07-31 2027-08-31
java8.al2       2027-06-30 2027-07-31 2027-08-31
java8           2024-01-08 2024-02-08 2027-03-03
nodejs24.x      2028-04-30 2028-06-01 2028-07-01
nodejs22.x      2027-04-30 2027-06-01 2027-07-01
nodejs20.x      2026-04-30 2027-02-01 2027-03-03
nodejs18.x      2025-09-01 2027-02-01 2027-03-03
nodejs16.x      2024-06-12 2027-02-01 2027-03-03
nodejs14.x      2023-12-04 2024-01-09 2027-03-03
nodejs12.x      2023-03-31 2023-03-31 2023-04-30
nodejs10.x      2021-07-30 2021-07-30 2022-02-14
nodejs8.10      2020-03-06 2020-03-06 2020-03-06
nodejs6.10      2019-08-12 2019-08-12 2019-08-12
nodejs4.3       2020-03-05 2020-03-05 2020-03-05
nodejs4.3-edge  2019-04-30 2019-04-30 2019-04-30
nodejs          2016-10-31 2016-10-31 2016-10-31
provided.al2023 2029-06-30 2029-07-31 2029-08-31
provided.al2    2026-07-31 2027-02-01 2027-03-03
provided        2024-01-08 2024-02-08 2027-03-03
python3.14      2029-06-30 2029-07-31 2029-08-31
python3.13      2029-06-30 2029-07-31 2029-08-31
python3.12      2028-10-31 2028-11-30 2029-01-10
python3.11      2027-06-30 2027-07-31 2027-08-31
python3.10      2026-10-31 2027-02-01 2027-03-03
python3.9       2025-12-15 2027-02-01 2027-03-03
python3.8       2024-10-14 2027-02-01 2027-03-03
python3.7       2023-12-04 2024-01-09 2027-03-03
python3.6       2022-07-18 2022-07-18 2022-08-29
python2.7       2021-07-15 2021-07-15 2022-05-30
ruby4.0         2029-03-31 2029-04-30 2029-05-31
ruby3.4         2028-03-31 2028-04-30 2028-05-31
ruby3.3         2027-03-31 2027-04-30 2027-05-31
ruby3.2         2026-03-31 2027-02-01 2027-03-03
ruby2.7         2023-12-07 2024-01-09 2027-03-03
ruby2.5         2021-07-30 2021-07-30 2022-03-31
"""

LIFECYCLES = {
    name: Lifecycle(*(date.fromisoformat(one) for one in dates))
    for name, *dates in (line.split() for line in _DATES.split("\n") if line)
}

# What to move to: of each language the one that has been there for longest is named first.
_SUCCESSORS = {
    "dotnet": ("dotnet8", "dotnet10"),
    "go": ("provided.al2023",),
    "java": ("java21", "java25"),
    "nodejs": ("nodejs22.x", "nodejs24.x"),
    "provided": ("provided.al2023",),
    "python": ("python3.13", "python3.14"),
    "ruby": ("ruby3.4", "ruby4.0"),
}


def successor(runtime: str, today: date) -> str:
    """Return a runtime of the same language that is not deprecated, or the last one there is."""
    names = next(names for language, names in _SUCCESSORS.items() if runtime.startswith(language))
    return next((one for one in names if LIFECYCLES[one].deprecated > today), names[-1])
