"""Whole migrations on simulated time, with faults: the engine as it is, over stores in memory.

scenario    what one run is, drawn from its seed, and running it
site        the two regions, and what each process sees of them
oracle      what applications wrote, and what each key may hold
watch       what must hold at every moment
judge       what must hold at rest, and at the end
writers     the applications, through docferry.client
operator    starts what an operator starts, again after it died
trouble     what happens to processes, clocks and stores
campaign    many seeds in several processes, gone on with where they were stopped
tally       what many runs came to
"""
