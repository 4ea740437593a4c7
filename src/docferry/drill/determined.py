"""Takes chance out of the engine for the time of a run: what it draws is drawn from the seed."""

import gc
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def determined(seed: str) -> Iterator[None]:
    """Seed `random` and `uuid4`, and keep the collector from ending what nobody holds at moments of its own."""
    state, made, collecting = random.getstate(), uuid.uuid4, gc.isenabled()
    draw = random.Random(f"{seed}/uuid")
    random.seed(f"{seed}/engine")
    uuid.uuid4 = lambda: uuid.UUID(int=draw.getrandbits(128), version=4)
    gc.disable()
    try:
        yield
    finally:
        uuid.uuid4 = made
        random.setstate(state)
        if collecting:
            gc.enable()
