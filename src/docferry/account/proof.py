"""The checks that take canaries, one after the other at each side, both sides at once."""

from collections.abc import Sequence

from docferry.account import canaries, events, replication, written
from docferry.account.canaries import Nest
from docferry.account.check import Check, made
from docferry.account.pair import Asked, End, Pair, Tell
from docferry.account.permissions import Asking
from docferry.preflight.finding import Outcome


async def prove(pair: Pair, asked: Asked, asking: Sequence[Asking], tell: Tell) -> list[Outcome]:
    """Put canaries where they can be removed again, and remove them whatever happens, also when cancelled."""
    source, target = (
        Nest(end.account, end.canaries, end.names, who) for end, who in zip(pair.ends, asking, strict=True)
    )
    at_source = await canaries.fitness(source, target.names.bucket, pair.clock.now())
    at_target = await canaries.fitness(target, source.names.bucket, pair.clock.now())
    found = [*at_source.outcomes, *at_target.outcomes]
    if not asked.native and not at_source.replicas and not at_target.replicas:
        tell("no replication rule is there, and docferry's engine needs none")
    # What is replicated must be removable at the other side, too.
    from_source = at_source.fit and (not at_source.replicas or at_target.fit)
    from_target = at_target.fit and (not at_target.replicas or at_source.fit)
    fit = [nest for nest, is_fit in ((source, at_source.fit), (target, at_target.fit)) if is_fit]
    for end, is_proved in ((pair.source, from_source), (pair.target, from_target)):
        found += [] if is_proved else _unproved(end, asked)
    async with canaries.putting(fit, tell, found):
        sides = []
        if from_source:
            sides += [_side(pair.source, (source, target), bool(at_source.replicas), pair, asked, tell)]
        if from_target:
            sides += [_side(pair.target, (target, source), bool(at_target.replicas), pair, asked, tell)]
        found += await made(sides)
        if from_source and from_target:
            found += await made([_copy(source, target, asked), _copy(target, source, asked)])
    return found


def _unproved(end: End, asked: Asked) -> list[Outcome]:
    """Say of what canaries would have proved that it is unknown, or a report would let it pass for proved."""
    bucket, queue = end.names.bucket_named, end.names.queue_named
    rules = [(written.ENCRYPTION, bucket), (written.CONDITIONS, bucket)]
    if not asked.queues_taken:
        rules.append((events.EVENT, queue))
    return [rule.undecided(subject, "no canary was put that would prove it") for rule, subject in rules]


def _side(end: End, way: tuple[Nest, Nest], replicated: bool, pair: Pair, asked: Asked, tell: Tell) -> Check:
    nest, other = way

    def body(what: str) -> bytes:
        return f"{asked.run} {nest.names.side} {what}".encode()

    async def proved() -> list[Outcome]:
        checks = [
            Check(written.ENCRYPTION, nest.names.bucket_named, lambda: written.check(nest, body("written"))),
        ]
        if not asked.queues_taken:
            within_s = asked.event_s
            checks.append(
                Check(
                    events.EVENT,
                    nest.names.queue_named,
                    lambda: events.check(nest, end.events, body("event"), pair.clock, within_s),
                )
            )
        if replicated:
            checks.append(_replication(nest, other, body("replicated"), pair, asked, tell))
        # One after the other: they put the same key.
        return [outcome for check in checks for outcome in await made([check])]

    return Check(written.ENCRYPTION, nest.names.bucket_named, proved)


def _replication(nest: Nest, other: Nest, body: bytes, pair: Pair, asked: Asked, tell: Tell) -> Check:
    async def replicated() -> list[Outcome]:
        return await replication.check(
            nest, other, body, pair.clock, asked.replication_s, native=asked.native, tell=tell
        )

    return Check(replication.REPLICATION, nest.names.bucket_named, replicated)


def _copy(origin: Nest, end: Nest, asked: Asked) -> Check:
    subject = end.names.bucket_named

    async def copied() -> list[Outcome]:
        if end.names.worker_role:
            said = f"copies are made as {end.names.worker_role}, which a switch tries, not this check"
            return [written.ENCRYPTION.undecided(subject, said)]
        return await written.check_copy(origin, end, f"{asked.run} {origin.names.side} copied".encode())

    return Check(written.ENCRYPTION, subject, copied)
