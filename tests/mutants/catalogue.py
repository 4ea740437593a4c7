"""All mutants."""

from tests.mutants import client, engine, pairs, stores, switching

MUTANTS = (*stores.MUTANTS, *engine.MUTANTS, *switching.MUTANTS, *client.MUTANTS, *pairs.MUTANTS)
