/*
 * The cutover protocol of docs/cutover-protocol.md, for one key, to be searched in full by spin.
 *
 *   spin -a -DTAKEOVERS=1 models/cutover.pml && gcc -O1 -DSAFETY -o pan pan.c && ./pan -m100000
 *
 * Applications put the key, delete it, and put it again, so that what is absent may come back. Workers carry it by
 * look, copy and confirm; controllers switch, abort, go on with each other's switches, and complete. Requests land
 * late, or never; events come late; workers die with requests under way; a controller may be paused between any two
 * of its steps while another takes its lease over.
 *
 * Time is not counted. A lease or a token may be over at any moment, and what is "waited out" is over at the end of
 * the wait: that is all that the protocol asks of clocks. A worker's live lease is one that it keeps renewing.
 *
 * The invariants are the four bits below. Each has its own name, so that a search says which of them is broken.
 * Every weakening is one -D of this same file: see WEAKENINGS in tests/model/cutover.py.
 */

#ifndef OPS
#define OPS 2         /* operations of applications: 1 puts, 2 deletes, 3 puts */
#endif
#ifndef CLIENTS
#define CLIENTS 1
#endif
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef CONTROLLERS
#define CONTROLLERS 1
#endif
#ifndef DEATHS
#define DEATHS 0      /* of workers */
#endif
#ifndef ANSWERS_LOST
#define ANSWERS_LOST 0 /* 1: one write fails for its worker, which lives, and may land until its token is over */
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 0   /* of the lease on switches, from a controller that is dead or paused */
#endif
#ifndef GIVEN_UP
#define GIVEN_UP 9    /* how many requests clients may give up, which then land late or never; 9 is no bound */
#endif
#ifndef ABORTS
#define ABORTS 0      /* by the controller itself, at any wait while writers are held */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 1    /* how often a switch may be begun */
#endif
#ifndef SWITCHES
#define SWITCHES 1    /* 1 is a cutover, 2 a rollback after it */
#endif

#define A 0
#define B 1
#define NOONE 7
#define bit_of(n) (1 << (n))
#define gone(op) ((op) == 0 || (op) == 2)
#define alike(one, other) ((one) == (other) || (gone(one) && gone(other)))
#define APPLIERS (WORKERS + CONTROLLERS)
#define ASTRAY APPLIERS  /* where the write is kept whose answer was lost */

mtype:writer = { application, replicator, nobody };

/* What must never be. */
bit two_regions_open, acknowledged_write_lost, stale_write_wins, left_stale_or_stuck;

/* The gates and journals. A page is a bit: whether the key was noted under that epoch. */
mtype:writer writer[2];
byte epoch[2];
bit journal[2];
short page[2];
bit dirty[2];                 /* whether workers noted the key as written to that side */

/* The key: which operation's state each side holds. 0 is absent, from the beginning. */
byte held[2];

/* The feeds of both sides as one: an event says "look at this key". */
bit late, late_from_before;   /* an event is on its way, one is from before the settling began */
bit waiting;                  /* one waits on the queue */
bit in_flight[WORKERS];       /* a worker has taken it and not taken it off yet */

/* What is known of operations: told apart by the bit of their number. */
byte next = 1, finished;
byte landed = 1, acknowledged, superseded;
byte before[OPS + 1];         /* what had landed when an operation began */

/* Clients: what they believe, and the request that they gave up. */
bit leased[CLIENTS], noting[CLIENTS];
byte at[CLIENTS], under[CLIENTS];
byte doing[CLIENTS];          /* its operation */
byte adrift[CLIENTS], adrift_at[CLIENTS];
bit sending[CLIENTS];         /* a request is on its way that is not given up yet */
byte given_up = GIVEN_UP;

/* Workers, and controllers after them: the write that is under way. */
bit flying[APPLIERS + ANSWERS_LOST], succeeded[APPLIERS + ANSWERS_LOST], flies_to[APPLIERS + ANSWERS_LOST];
byte what[APPLIERS + ANSWERS_LOST], condition[APPLIERS + ANSWERS_LOST];
bit aged[APPLIERS + ANSWERS_LOST];            /* it was under way already when a wait for tokens began */
bit in_ledger[WORKERS];       /* whether the ledger says that a worker has its lease */
bit dead[WORKERS];
byte deaths = DEATHS;
#if ANSWERS_LOST
byte answers_lost = ANSWERS_LOST;
#endif
byte died;                    /* how many deaths the entries of leases tell of */

/* The ledger's entry on switches. */
byte owner = NOONE, takeovers = TAKEOVERS, attempts = ATTEMPTS, aborts = ABORTS;
bit running, direction, completed;
byte done, armed, compared, died_before;

/* A register may hold what no acknowledged operation that began after it had landed has replaced. */
#define landed_and_current(op) ((landed & bit_of(op)) && !(superseded & bit_of(op)))
#if OPS > 1
#define may_be_absent (landed_and_current(0) || landed_and_current(2))
#else
#define may_be_absent landed_and_current(0)
#endif
#define wrong(op) (gone(op) -> !may_be_absent : (superseded & bit_of(op)) != 0)

inline judge(side, verdict) {
    if
    :: writer[side] == application && wrong(held[side]) -> verdict = 1
    :: else
    fi;
    assert(!two_regions_open);
    assert(!acknowledged_write_lost);
    assert(!stale_write_wins)
}

inline forget(op) {
    /* It has landed once more, now, so that nothing had landed before it and nothing replaces it. */
    landed = landed | bit_of(op);
    superseded = superseded & ~bit_of(op);
    before[1] = before[1] & ~bit_of(op);
#if OPS > 1
    before[2] = before[2] & ~bit_of(op);
#endif
#if OPS > 2
    before[3] = before[3] & ~bit_of(op)
#endif
}

inline land(op, side) {
    held[side] = op;
    late = 1;
    if
    :: writer[1 - side] != application && !(acknowledged & bit_of(op)) -> forget(op)
    :: else
    fi;
    judge(side, stale_write_wins)
}

/* An application ******************************************************************************************/

inline believe(side) {
    leased[c] = 1; at[c] = side; under[c] = epoch[side]; noting[c] = journal[side]
}

inline acknowledge(op) {
    acknowledged = acknowledged | bit_of(op);
    superseded = superseded | (before[op] & ~bit_of(op));
    judge(A, acknowledged_write_lost);
    judge(B, acknowledged_write_lost)
}

/* What is not looked at any more is no reason to tell two states apart. */
inline end_of_lease(c) {
    leased[c] = 0;
    if
    :: doing[c] == 0 -> at[c] = 0; under[c] = 0; noting[c] = 0
    :: else
    fi
}

inline end_of(op) {
    before[op] = 0; op = 0;
    if
    :: !leased[c] || next > OPS -> end_of_lease(c)
    :: else
    fi
}

#ifdef ACKNOWLEDGED_WHENEVER
#define may_acknowledge true
#else
#define may_acknowledge (leased[c] || (writer[at[c]] == application && epoch[at[c]] == under[c]))
#endif

#if GIVEN_UP == 9
#define give_one_up() skip
#else
#define give_one_up() given_up--
#endif

#define op doing[c]

proctype client(byte c) {
    do
    :: atomic { next <= OPS -> op = next; next++; before[op] = landed };
again:
        /* A consistent read of the gate, believed for a lease. */
        atomic {
            if
            :: leased[c]
            :: !leased[c] && writer[A] == application -> believe(A)
            :: !leased[c] && writer[B] == application -> believe(B)
            fi;
#ifndef NO_JOURNAL
            if
            :: noting[c] -> page[at[c]] = page[at[c]] | bit_of(under[c])
            :: else
            fi
#endif
        };
        /* The lease is asked right before; from here on the request is on its way. */
        if
        :: atomic { !leased[c] -> goto again }
        :: atomic {
            leased[c]; sending[c] = 1;
            if
            :: adrift[c] == op && adrift_at[c] == at[c] -> adrift[c] = 0; adrift_at[c] = 0
               /* Repeated in the same region it is the service's own hazard, as without docferry. */
            :: else
            fi }
        fi;
        if
        :: atomic { land(op, at[c]); sending[c] = 0 };
            if
            :: atomic { may_acknowledge -> acknowledge(op); end_of(op) }
            :: atomic { !(may_acknowledge) -> goto again }
            fi
        :: atomic { given_up > 0 && adrift[c] == 0 -> give_one_up(); adrift[c] = op; adrift_at[c] = at[c]; sending[c] = 0 };
            /* Given up, and it may land all the same. Done again elsewhere, or its application is told nothing. */
            if
            :: atomic { epoch[at[c]] != under[c] -> goto again }
            :: atomic { true -> end_of(op) }
            fi
        fi
    :: atomic { next > OPS -> finished++; end_of_lease(c); break }
    od
}

#undef op

/* A worker: look, copy, confirm *******************************************************************************/

#ifdef NO_TARGET_CONDITION
#define holds_still(i) true
#else
#define holds_still(i) alike(held[flies_to[i]], condition[i])
#endif

inline refuse(i) {
    flying[i] = 0; what[i] = 0; condition[i] = 0; flies_to[i] = 0; aged[i] = 0
}

inline send(i, side, state, instead_of) {
    flying[i] = 1; succeeded[i] = 0; flies_to[i] = side; what[i] = state; condition[i] = instead_of
}

inline carried() {
    atomic { in_flight[w] = 0; goto idle }
}

inline leave_unfinished() {
    /* The gate was closed under its hands: what it had begun is noted, its event stays on the feed. */
    atomic {
        page[1 - side] = page[1 - side] | bit_of(epoch[1 - side]);
        in_flight[w] = 0; waiting = 1; in_ledger[w] = 0; side = 0; target = 0; source = 0; goto out
    }
}

proctype worker(byte w) {
    byte side, target, source;
out:
    atomic {
        if
        :: writer[B] == replicator -> side = B
        :: writer[A] == replicator -> side = A
        fi;
#ifdef GATE_READ_BEFORE_THE_LEASE
    };
    in_ledger[w] = 1;
#else
        /* The lease first, and then the gate: who closes it misses none that got past it. */
        in_ledger[w] = 1
    };
#endif
idle:
    target = 0; source = 0;
    if
    :: atomic { waiting -> waiting = 0; in_flight[w] = 1 }
    :: atomic { writer[side] != replicator -> in_ledger[w] = 0; side = 0; goto out }
    fi;
#ifdef TAKEN_OFF_BEFORE_APPLIED
    in_flight[w] = 0;
#endif
look:
    if
    :: atomic { true -> target = held[side]; source = 0 }
    :: writer[side] != replicator -> leave_unfinished()
    :: atomic { w == 0 && deaths > 0 -> deaths--; dead[w] = 1; goto end_dead }
    fi;
    if
    :: atomic { alike(held[1 - side], target) -> in_flight[w] = 0; goto idle }
    :: atomic { !alike(held[1 - side], target) -> source = held[1 - side]; send(w, side, source, target); target = 0 }
    fi;
    if
    :: !flying[w]
#if ANSWERS_LOST
    :: atomic { answers_lost > 0 && flying[w] -> answers_lost--;
        flying[ASTRAY] = 1; flies_to[ASTRAY] = flies_to[w]; what[ASTRAY] = what[w]; condition[ASTRAY] = condition[w];
        refuse(w) }
#endif
    :: atomic { w == 0 && deaths > 0 -> deaths--; dead[w] = 1; goto end_dead }
    fi;
    if
#ifdef NO_CONFIRM
    :: true -> carried()
#else
    :: atomic { succeeded[w] && alike(held[1 - side], source) -> dirty[side] = 1; in_flight[w] = 0; succeeded[w] = 0; goto idle }
    :: atomic { !(succeeded[w] && alike(held[1 - side], source)) -> succeeded[w] = 0; goto look }
#endif
    :: writer[side] != replicator -> leave_unfinished()
    :: atomic { w == 0 && deaths > 0 -> deaths--; dead[w] = 1 }
    fi;
end_dead:
    atomic { target = 0; source = 0 }
}

/* A controller ************************************************************************************************/

#define still_out_there(c) ((adrift[c] != 0 && adrift_at[c] == target) || (sending[c] && at[c] == target))
#define touched (page[source] >> (compared + 1) != 0)

/* Asked before each write of a switch. Where nobody may take the lease over there is nothing to ask. */
#if TAKEOVERS == 0
#define ask_lease() skip
#else
inline ask_lease() {
    if
    :: atomic { owner != me -> goto stopped }
    :: owner == me
    fi
}
#endif

inline judge_gates(side) {
    if
    :: writer[A] == application && writer[B] == application -> two_regions_open = 1
    :: else
    fi;
    judge(side, acknowledged_write_lost)
}

/* One conditional write on the state that was read last, under the lease, after which it may come late. */
inline turn(side, to, journal_on) {
    ask_lease();
    atomic {
        if
#ifndef GATES_TURNED_WITHOUT_CONDITION
        :: epoch[side] != seen[side] -> goto stopped
        :: else ->
#else
        :: true ->
#endif
            writer[side] = to; epoch[side]++; journal[side] = journal_on; seen[side] = epoch[side];
            judge_gates(side)
        fi
    }
}

inline read_gates() {
    atomic { seen[A] = epoch[A]; seen[B] = epoch[B]; said[A] = writer[A]; said[B] = writer[B] }
}

#define believed(c) (leased[c] && at[c] == source && under[c] != epoch[source])

inline wait_for_clients() {
    /* By his own clock: whoever still believes an older state of the gate believes it no more. */
    d_step { c = 0;
        do
        :: c < CLIENTS ->
            if
            :: believed(c) -> end_of_lease(c)
            :: else
            fi;
            c++
        :: else -> break
        od; c = 0 }
}

#if WORKERS == 1
#define no_worker_holds_a_lease (!in_ledger[0])
#define no_write_is_aged (!aged[0])
#define nothing_in_flight (!in_flight[0])
#define a_dead_worker_holds_one (dead[0] && in_ledger[0])
#else
#define no_worker_holds_a_lease (!in_ledger[0] && !in_ledger[1])
#define no_write_is_aged (!aged[0] && !aged[1])
#define nothing_in_flight (!in_flight[0] && !in_flight[1])
#define a_dead_worker_holds_one ((dead[0] && in_ledger[0]) || (dead[1] && in_ledger[1]))
#endif

/* Its lease is over, which counts its death, and so is its token: what it had under way is refused from here on. */
inline outlive(i) {
    in_ledger[i] = 0;
#ifndef DEATHS_NOT_COUNTED
    died++;
#endif
#ifndef TOKEN_OUTLASTS_THE_WAIT
    refuse(i)
#endif
}

inline outlive_the_dead() {
    d_step { c = 0;
        do
        :: c < WORKERS ->
            if
            :: dead[c] && in_ledger[c] -> outlive(c)
            :: else
            fi;
            c++
        :: else -> break
        od; c = 0 }
}

inline dismiss_the_dead() {
#ifndef SENT_BEFORE_NOT_WAITED_FOR
#ifndef TOKEN_OUTLASTS_THE_WAIT
    /* As long as a token lasts, by whose end what the living sent before it has landed or is refused, too. */
    d_step { aged[0] = flying[0];
#if WORKERS > 1
        aged[1] = flying[1];
#endif
    };
    do
    :: no_write_is_aged -> break
    :: atomic { aged[0] -> refuse(0) }
#if WORKERS > 1
    :: atomic { aged[1] -> refuse(1) }
#endif
    od;
#endif
#endif
#if ANSWERS_LOST
#ifndef LOST_ANSWERS_FORGOTTEN
    atomic { refuse(ASTRAY) };
#endif
#endif
    outlive_the_dead()
}

/* Carried by the switch itself, beside the workers; its confirm is the next look. */
inline carry() {
    do
    :: atomic { alike(held[source], held[target]) -> break }
    :: !alike(held[source], held[target]) ->
        ask_lease();
        atomic { send(WORKERS + me, target, held[source], held[target]) };
        !flying[WORKERS + me]
    od
}

inline may_abort() {
    if
    :: true
    :: atomic { aborts > 0 -> aborts--; goto undo }
    fi
}

/* The next one begins with pages, and figures, of its own. */
inline forget_the_switch() {
    running = 0; owner = NOONE; armed = 0; compared = 0; died_before = 0; page[A] = 0; page[B] = 0; forget_it_all()
}

inline forget_it_all() {
    source = 0; target = 0; seen[A] = 0; seen[B] = 0; said[A] = 0; said[B] = 0
}

proctype controller(byte me) {
    byte source, target, c;
    byte seen[2];
    mtype:writer said[2];
start:
    atomic {
        if
        :: owner == NOONE && (me == 0 || running || takeovers == 0) && (running || (done < SWITCHES && attempts > 0))
        :: owner != NOONE && owner != me && takeovers > 0 -> takeovers--;
#ifndef TOKEN_OUTLASTS_THE_WAIT
            flying[WORKERS + owner] = 0
#endif
        fi;
        owner = me;
        if
        :: !running -> direction = done
        :: else
        fi;
        source = direction; target = 1 - direction
    };
    read_gates();
    if
    :: running && said[source] == application -> goto undo
    :: running && said[source] != application ->
        if
        :: goto undo
        :: goto go_on
        fi
    :: !running
    fi;
at_check:
    /* Dwell: what was sent before the last switch is dead, given up or not. */
#ifndef NO_DWELL
    !still_out_there(0);
#if CLIENTS > 1
    !still_out_there(1);
#endif
#endif
    if
    :: said[source] == application && said[target] == replicator && !completed && attempts > 0
    :: else -> goto stopped
    fi;
    /* Written into the ledger on condition: not by who has lost the lease, nor beside another switch. */
    atomic {
        if
        :: owner != me || running || attempts == 0 -> goto stopped
        :: else -> running = 1; attempts--; armed = seen[source] + 1; compared = seen[source]; page[source] = 0
        fi
    };
at_arm:
    turn(target, replicator, 1);
    turn(source, application, 1);
#ifndef NO_WAIT_FOR_THE_JOURNAL
    wait_for_clients();
#endif
    dismiss_the_dead();
    ask_lease();
    died_before = died;
#ifndef NO_SETTLING
    atomic { late_from_before = late; late = 0 };
    !late_from_before;
#endif
    /* Listings: what differs and is not being written to refuses the switch. */
    if
    :: alike(held[A], held[B]) || touched
    :: else -> goto undo
    fi;
    turn(source, application, 1);
    wait_for_clients();
    if
    :: dirty[target] || touched -> carry()
    :: else
    fi;
#ifdef PAGE_FORGOTTEN
    ask_lease();
    compared = seen[source];
#else
    ask_lease();
    compared = seen[source] - 1;
#endif

at_fence:
    if
    :: writer[source] != nobody -> turn(source, nobody, 1)
    :: else
    fi;
#ifndef FENCE_WITHOUT_LEASES
    wait_for_clients();
#endif
    may_abort();

at_drain:
    if
    :: touched -> carry()
    :: else
    fi;
#ifndef NO_DRAIN
#ifdef DRAIN_FORGETS_WHAT_IS_IN_FLIGHT
    if
    :: !waiting
#else
    if
    :: !waiting && nothing_in_flight
#endif
    :: owner != me -> goto stopped
    :: atomic { aborts > 0 -> aborts--; goto undo }
    fi;
#endif

at_close:
    if
    :: writer[target] != nobody -> turn(target, nobody, 1)
    :: else
    fi;
#ifndef CLOSE_WITHOUT_LEASES
    do
    :: no_worker_holds_a_lease -> break
    :: a_dead_worker_holds_one -> outlive_the_dead()
    :: owner != me -> goto stopped
    :: atomic { aborts > 0 -> aborts--; goto undo }
    od;
#endif
#if ANSWERS_LOST
#ifndef LOST_ANSWERS_FORGOTTEN
    atomic {
        refuse(ASTRAY);
        if
        :: answers_lost == 0 -> compared = armed - 1
        :: else
        fi };
#endif
#endif
#ifndef DEATHS_NOT_LOOKED_AT
    /* What the dead had under way may have landed after its key was carried: all pages are compared. */
    if
    :: died > died_before ->
        ask_lease();
        atomic { compared = armed - 1; died_before = died }
    :: else
    fi;
#endif

at_verify:
    may_abort();
#ifndef NO_VERIFY
    if
    :: touched && !alike(held[A], held[B]) ->
        turn(target, replicator, 1);
        goto at_drain
    :: else
    fi;
#endif

at_open:
    if
    :: epoch[source] != seen[source] -> goto stopped
    :: epoch[source] == seen[source]
    fi;
    turn(target, application, 0);

at_reverse:
#ifndef REVERSE_NOT_ARMED
    if
    :: writer[source] == nobody -> turn(source, replicator, 0)
    :: else
    fi;
#endif
    if
    :: atomic { owner == me -> dirty[target] = 0; forget_the_switch(); done++ }
    :: atomic { owner != me -> goto stopped }
    fi;
    goto start;

go_on:
    /* Both epochs are raised first: what the controller before has still under way finds its gate turned. */
    if
    :: said[target] == application -> goto at_reverse
    :: else
    fi;
#ifndef GO_ON_WITHOUT_NEW_EPOCHS
    turn(source, nobody, 1);
    turn(target, said[target], 1);
#endif
    if
    :: said[target] == nobody -> goto at_close
    :: said[target] == replicator -> goto at_fence
    fi;

undo:
    ask_lease();
    read_gates();
    if
    :: said[target] == application -> goto at_reverse
    :: said[target] != application && said[source] == nobody ->
#ifdef ABORT_OPENS_THE_SOURCE_FIRST
        turn(source, application, 0);
        turn(target, replicator, 0)
#else
        turn(target, replicator, 0);
        turn(source, application, 0)
#endif
    :: said[target] != application && said[source] != nobody ->
        turn(source, application, 0);
        turn(target, replicator, 0)
    fi;
    if
    :: atomic { owner == me -> forget_the_switch() }
    :: atomic { owner != me -> goto stopped }
    fi;
    goto start;

stopped:
    /* Somebody else has the lease, or a gate was turned: its operator starts the command again. */
    atomic {
        if
        :: owner == me -> owner = NOONE
        :: else
        fi;
        forget_it_all()
    };
    goto start
}

/* The services, and time **************************************************************************************/

inline arrive(i) {
    atomic {
        flying[i];
        flying[i] = 0;
        if
        :: i < WORKERS -> aged[i] = 0
        :: else
        fi;
        if
        :: holds_still(i) ->
            held[flies_to[i]] = what[i];
            if
            :: i < WORKERS && dead[i] -> late = 1
            :: i < WORKERS && !dead[i] -> succeeded[i] = 1
            :: i == ASTRAY -> late = 1
            :: else
            fi;
            judge(flies_to[i], stale_write_wins)
        :: else
        fi;
        what[i] = 0; condition[i] = 0; flies_to[i] = 0
    }
}

proctype world() {
    do
    :: atomic { leased[0] && epoch[at[0]] != under[0] -> end_of_lease(0) }
    :: atomic { adrift[0] != 0 -> land(adrift[0], adrift_at[0]); adrift[0] = 0; adrift_at[0] = 0 }
    :: atomic { adrift[0] != 0 -> adrift[0] = 0; adrift_at[0] = 0 }
#if CLIENTS > 1
    :: atomic { leased[1] && epoch[at[1]] != under[1] -> end_of_lease(1) }
    :: atomic { adrift[1] != 0 -> land(adrift[1], adrift_at[1]); adrift[1] = 0; adrift_at[1] = 0 }
    :: atomic { adrift[1] != 0 -> adrift[1] = 0; adrift_at[1] = 0 }
#endif
    :: atomic { late || late_from_before -> late = 0; late_from_before = 0; waiting = 1 }
    :: arrive(0)
#if ANSWERS_LOST
    :: arrive(ASTRAY)
    :: atomic { flying[ASTRAY] -> refuse(ASTRAY) }
#endif
    :: atomic { in_flight[0] && dead[0] -> in_flight[0] = 0; waiting = 1 }
#if DEATHS > 0
    /* Another takes its lease over and gives it back. */
    :: atomic { dead[0] && in_ledger[0] -> outlive(0) }
#endif
#if WORKERS > 1
    :: arrive(1)
    :: atomic { in_flight[1] && dead[1] -> in_flight[1] = 0; waiting = 1 }
#endif
    :: arrive(WORKERS)
#if CONTROLLERS > 1
    :: arrive(WORKERS + 1)
#endif
    :: timeout -> break
    od;
    /* Nothing can happen any more: nobody is held, and both sides are the same. */
    if
    :: finished < CLIENTS || running || writer[A] == nobody || writer[B] == nobody -> left_stale_or_stuck = 1
    :: else
    fi;
    if
    :: !alike(held[A], held[B]) -> left_stale_or_stuck = 1
    :: else
    fi;
    assert(!left_stale_or_stuck)
}

init {
    atomic {
        writer[A] = application; writer[B] = replicator; epoch[A] = 1; epoch[B] = 1;
        run world();
        run client(0);
#if CLIENTS > 1
        run client(1);
#endif
        run worker(0);
#if WORKERS > 1
        run worker(1);
#endif
        run controller(0);
#if CONTROLLERS > 1
        run controller(1);
#endif
    }
}
