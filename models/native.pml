/*
 * The protocol of docs/native-protocol.md, for one key, to be searched in full by spin.
 *
 *   spin -a models/native.pml && gcc -O1 -DSAFETY -o pan pan.c && ./pan -m100000
 *
 * AWS replicates both ways, and knows no gate. Documents go by two rules, one in each direction; with RECORDS they
 * are a global table, which has no rules and cannot be stopped. The last writer wins by time stamp, or, with
 * BY_ARRIVAL, what arrives last. One application asks the gate and puts, then deletes; another asks nobody; a third
 * has written into the target before all. Policies and rules spread: while they do, each request meets a server that
 * knows, or one that does not. A controller may die before any step, with a call on its way or without; another goes
 * on with the switch or aborts it.
 *
 * Time is not counted: what is "waited out" is over at the end of the wait. With OUTLIVES the first assumption does
 * not hold: what a server let through may land after that wait.
 *
 * The invariants are the four names below. Every weakening is one -D: see WEAKENINGS in tests/model/replication.py.
 */

#ifndef RECORDS
#define RECORDS 0     /* 0 is a bucket, 1 a global table */
#endif
#ifndef BY_ARRIVAL
#define BY_ARRIVAL 0
#endif
#ifndef WRITES
#define WRITES 2      /* of the client: 1 puts, 2 deletes */
#endif
#ifndef STRAYS
#define STRAYS 0      /* writes of the application that asks nobody, at most 2 */
#endif
#ifndef STRANGER
#define STRANGER 0    /* whether somebody writes into the target before it is fenced */
#endif
#ifndef FAILURES
#define FAILURES 0    /* of replication */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef ABORTS
#define ABORTS 0      /* by the controller itself, before any step */
#endif
#ifndef SWITCHES
#define SWITCHES 1    /* 1 is a cutover, 2 a rollback after it, 3 another cutover */
#endif
#ifndef AHEAD
#define AHEAD 9       /* the region whose clock is ahead by up to one tick, if any */
#endif
#ifndef OUTLIVES
#define OUTLIVES 0
#endif
#ifndef WATCHED
#define WATCHED 15    /* the invariants that end a search: 1, 2, 4 and 8, in the order below */
#endif

#define A 0
#define B 1
#define EXISTING 0
#define DELETE 2
#define FIRST_STRAY 3
#define STRANGERS 6
#define NOTHING 7
#define ROOM 6        /* versions on their way in one direction */
#define OUT 0
#define FAILED 2
#define bit_of(n) (1 << (n))

mtype = { off, spreading, armed, rising, on, falling };           /* policies and rules, as servers see them */
mtype = { none, sent, taken, landed, held };                      /* requests of the client */
mtype = { a_gate, a_fence, a_rule };                              /* calls of a controller */

/* What must never be. */
bit two_regions_open, acknowledged_write_lost, passive_side_stale, nobody_can_go_on;

/* Versions: a time stamp, and in the last three bits the value. 0 is no version. */
short cur[2], way[4 * ROOM];  /* way: what goes from A, from B; what failed to go from A, from B */
#define value_of(v) ((v) & 7)
#define holds(r) value_of(cur[r])
byte tick;

mtype fence[2], rule[2];
bit open[2], behind[2];       /* behind: the gate is closed, and the client may still believe that it is open */
byte epoch[2];
bit virgin;                   /* B has never been fenced: nothing is promised of it yet */
bit journal, known;           /* known: the switch has the key on its list */
bit event;                    /* a notification is on its way that would put it there */

/* The client's operation, and the request that it gave up. */
mtype phase = none;
byte at, value, under, before, written;
mtype adrift = none;
byte adrift_at, adrift_value;

/* The application that asks nobody: the write that was let through. */
bit straying;
byte stray_at, stray_before, strays;

bit stranger = STRANGER;
byte failures = FAILURES;
byte acknowledged, replaced;  /* values, as bits; replaced: by an acknowledged write that began after it was */

/* The call of a dead controller that is on its way. */
mtype ghost = none, ghost_says;
byte ghost_at, ghost_epoch;
byte crashes = CRASHES, aborts = ABORTS, done;
bit over;                     /* no switch is under way, nor will be */

#define passes(r) (fence[r] != on)
#define denies(r) (fence[r] == on || fence[r] == rising || fence[r] == falling)
#ifdef FENCE_DENIES_REPLICATION
#define kept_out(r) (denies(1 - (r)) || (RECORDS && denies(r)))
#else
#define kept_out(r) false
#endif

inline judge() {
    if
    :: open[A] && open[B] -> two_regions_open = 1
    :: !virgin && fence[A] != on && fence[B] != on -> two_regions_open = 1
    :: else
    fi;
    if
    :: open[A] && (replaced & bit_of(holds(A))) -> acknowledged_write_lost = 1
    :: !open[A] && open[B] && (replaced & bit_of(holds(B))) -> acknowledged_write_lost = 1
    :: else
    fi;
    assert(!(two_regions_open && (WATCHED & 1)));
    assert(!(acknowledged_write_lost && (WATCHED & 2)));
    two_regions_open = 0;
    acknowledged_write_lost = 0
}

/* Versions on their way **********************************************************************************/

/* The earliest first, or in the order in which they were written; none twice. */
inline add(which, v) {
    d_step {
        i = (which) * ROOM;
        do
        :: i < (which) * ROOM + ROOM && way[i] != 0 && (BY_ARRIVAL || way[i] < v) -> i++
        :: else -> break
        od;
        assert(i < (which) * ROOM + ROOM);
        j = v;
        do
        :: i < (which) * ROOM + ROOM && j != 0 && (BY_ARRIVAL || way[i] != j) ->
            k = way[i]; way[i] = j; j = k; i++
        :: else -> break
        od;
        assert(j == 0 || i < (which) * ROOM + ROOM);
        i = 0; j = 0; k = 0
    }
}

inline take_out(which, n) {
    d_step {
        v = way[(which) * ROOM + n];
        i = (which) * ROOM + n;
        do
        :: i < (which) * ROOM + ROOM - 1 -> way[i] = way[i + 1]; i++
        :: else -> break
        od;
        way[i] = 0; i = 0
    }
}

/* A write lands, with a later time stamp than all of the same tick. */
inline stamp(v) {
    d_step {
        j = (tick * 2 + (AHEAD == r_)) << 7;
        k = j;
#if !BY_ARRIVAL
        i = 0;
        do
        :: i < 4 * ROOM ->
            if
            :: (way[i] & ~127) == j && (way[i] & 120) > (k & 120) -> k = way[i] & ~7
            :: else
            fi;
            i++
        :: else -> break
        od;
        if
        :: (cur[A] & ~127) == j && (cur[A] & 120) > (k & 120) -> k = cur[A] & ~7
        :: else
        fi;
        if
        :: (cur[B] & ~127) == j && (cur[B] & 120) > (k & 120) -> k = cur[B] & ~7
        :: else
        fi;
        assert((k & 120) < 120);
#else
        k = 0;
#endif
        made = (k + 8) | v;
        i = 0; j = 0; k = 0
    }
}

inline put(r, v) {
    r_ = r; v_ = v;
    stamp(v_);
    cur[r_] = made;
    if
    :: !known -> event = 1
    :: else
    fi;
    if
    :: rule[r_] != off -> add(OUT + r_, made)
    :: rule[r_] != on
    fi;
    made = 0; r_ = 0; v_ = 0;
    judge()
}

inline acknowledge(v, those_before) {
    acknowledged = acknowledged | bit_of(v);
    replaced = replaced | (those_before & ~bit_of(v));
    judge()
}

/* Calls of a controller: asked for what is so already they do nothing. Only gates know conditions. ***************/

inline turn(r, opened) {
    behind[r] = !(opened) && (open[r] || behind[r]);
    open[r] = opened; epoch[r]++;
    judge()
}

inline ask_rule(r, to) {
    if
    :: to == rising && rule[r] != on -> rule[r] = rising
    :: to == falling && rule[r] != off -> rule[r] = falling
    :: else
    fi
}

inline ask_fence(r, to) {
    if
    :: to == rising && fence[r] != on -> fence[r] = rising
    :: to == falling && fence[r] != off -> fence[r] = falling
    :: to == spreading && (fence[r] == off || fence[r] == falling) -> fence[r] = spreading
    :: else
    fi;
    judge()
}

/* A controller ************************************************************************************************/

/* It dies. Another waits until the dead one's calls are dead, raises both epochs and goes on, or aborts. */
inline die() {
    crashes--;
    dead = 1
}

inline take_over() {
#ifdef TAKEN_OVER_AT_ONCE
    dead;
#else
    ghost == none || ghost == a_gate;
#endif
    if
    :: atomic { true -> dead = 0;
#ifndef GATES_TURNED_WITHOUT_CONDITION
        epoch[A]++; epoch[B]++
#endif
       }
    :: atomic { !undoing && !open[target] -> dead = 0; goto undo }
    fi
}

#define may_die crashes > 0 -> die()
#define may_die_calling crashes > 0 && ghost == none -> die()
#define may_abort !undoing && aborts > 0 && !open[target] -> aborts--; goto undo

inline wait_for(ready) {
    do
    :: atomic { ready -> break }
    :: atomic { may_die }; take_over()
    :: atomic { may_abort }
    od
}

inline turning(r, opened) {
    do
    :: atomic { true -> turn(r, opened); break }
    :: atomic { may_die }; take_over()
    :: atomic { may_die_calling; ghost = a_gate; ghost_at = r; ghost_says = (opened -> on : off); ghost_epoch = epoch[r] };
       take_over()
    :: atomic { may_abort }
    od
}

inline asking_rule(r, to) {
    do
    :: atomic { true -> ask_rule(r, to); break }
    :: atomic { may_die }; take_over()
    :: atomic { may_die_calling; ghost = a_rule; ghost_at = r; ghost_says = to }; take_over()
    :: atomic { may_abort }
    od
}

inline asking_fence(r, to) {
    do
    :: atomic { true -> ask_fence(r, to); break }
    :: atomic { may_die }; take_over()
    :: atomic { may_die_calling; ghost = a_fence; ghost_at = r; ghost_says = to }; take_over()
    :: atomic { may_abort }
    od
}

#define nothing(which) (way[(which) * ROOM] == 0)
#define alike (holds(A) == holds(B))

/* Whether a version but a delete is PENDING: a marker has no status that could be asked for. */
#define is_pending(v) ((v) != 0 && value_of(v) != DELETE)
#define pending(r) (is_pending(way[(r) * ROOM]) || is_pending(way[(r) * ROOM + 1]) \
    || is_pending(way[(r) * ROOM + 2]) || is_pending(way[(r) * ROOM + 3]) \
    || is_pending(way[(r) * ROOM + 4]) || is_pending(way[(r) * ROOM + 5]))

#ifdef STATUS_NOT_ASKED
#define status_done true
#else
#define status_done (RECORDS || !pending(source))
#endif
#ifdef FAILED_TAKEN_FOR_DONE
#define failed_done true
#else
#define failed_done nothing(FAILED + source)
#endif
#ifdef NOT_LOOKED_AT
#define looked_at true
#else
#define looked_at alike
#endif
#define drained ((RECORDS || rule[source] == on) && (!known || (status_done && failed_done && looked_at)))

#ifdef REQUESTS_NOT_OUTWAITED
#define outwaited true
#else
#define outwaited \
    ((OUTLIVES || (!(phase == taken && at == source) && !(adrift == taken && adrift_at == source))) \
    && !(straying && stray_at == source))
#endif
#ifdef MOMENT_BEFORE_SPREAD
#define denied (fence[source] == on || fence[source] == rising)
#else
#define denied (fence[source] == on)
#endif

#define never_sent (!RECORDS && !drained && rule[source] == on && !alike && \
    nothing(OUT + source) && nothing(FAILED + source))

inline enable_reverse() {
#if RECORDS
    skip
#else
    asking_rule(target, rising);
#ifndef REVERSE_NOT_SPREAD
    wait_for(rule[target] == on)
#endif
#endif
}

inline forget_the_list() {
    journal = 0; known = 0
}

inline open_the_source() {
    asking_fence(source, falling);
    wait_for(fence[source] == off);
    turning(source, 1)
}

inline rules_back() {
#if RECORDS
    skip
#else
    asking_rule(source, rising);
    wait_for(rule[source] == on);
    asking_rule(target, falling);
    wait_for(rule[target] == off)
#endif
}

proctype controller() {
    byte source, target;
    bit undoing, dead;
    short i, j, k;
at_check:
    atomic { source = done % 2; target = 1 - source };
#ifndef NO_DWELL
    wait_for(adrift == none && !(at == target && (phase == sent || phase == taken)));
#endif
#ifndef TAKEN_OVER_AT_ONCE
    wait_for(ghost == none || ghost == a_gate);
#endif

at_shut:
#ifndef TARGET_NOT_FENCED
    asking_fence(target, rising);
    wait_for(fence[target] == on && !(straying && stray_at == target));
#endif

at_validate:
    /* What the target has and the source never wrote goes, in a way that is not replicated. */
#ifndef NOT_VALIDATED
    wait_for(nothing(OUT + source) && nothing(FAILED + source) && (!RECORDS || alike));
#if !RECORDS
    atomic { cur[target] = cur[source]; judge() };
#endif
#endif
    atomic { virgin = 0; judge() };

at_arm:
#ifndef NO_JOURNAL
    do
    :: atomic { true -> journal = 1;
#ifndef JOURNAL_WITHOUT_EPOCH
        epoch[source]++;
#endif
        break }
    :: atomic { may_die }; take_over()
    :: atomic { may_abort }
    od;
    wait_for(!event);
#endif
#ifndef REVERSE_AFTER_OPENING
    enable_reverse();
#endif

at_date:
#ifndef NO_HARD_FENCE
    asking_fence(source, spreading);
#ifndef MOMENT_BEFORE_SPREAD
    wait_for(fence[source] == armed || fence[source] == on);
#endif
#endif

at_fence:
    turning(source, 0);
#ifndef LEASES_NOT_WAITED_FOR
    wait_for(!behind[source]);
#endif
#ifndef NO_HARD_FENCE
    wait_for(denied);
#endif

at_outwait:
    wait_for(outwaited);
#ifndef NOT_SETTLED
    wait_for(!event);
#endif

at_drain:
    do
    :: atomic { drained -> break }
    :: atomic { never_sent ->
        /* What was written while the rule was off has no status: Batch Replication is asked for it. */
        add(OUT + source, cur[source]) }
    :: atomic { may_die }; take_over()
    :: atomic { may_abort }
    od;

at_stop_forward:
#ifndef FORWARD_RULE_STAYS
#if !RECORDS
    asking_rule(source, falling);
#ifndef FORWARD_NOT_SPREAD
    wait_for(rule[source] == off);
#endif
#endif
#endif

at_verify:
#ifndef NOT_VERIFIED
    if
    :: atomic { known && !alike ->
#if !RECORDS
        ask_rule(source, rising);
#endif
        goto at_drain }
    :: atomic { !known || alike }
    fi;
#endif
#ifndef CLOCKS_NOT_WAITED_FOR
    atomic { tick++ };
#endif

at_open:
    turning(target, 1);

at_lift:
    asking_fence(target, falling);
    wait_for(fence[target] == off);
#ifdef REVERSE_AFTER_OPENING
    enable_reverse();
#endif

at_end:
    atomic { forget_the_list(); undoing = 0; done++ };
    if
    :: atomic { done < SWITCHES -> goto at_check }
    :: over = 1
    fi;
    goto end;

undo:
    atomic { undoing = 1 };
#ifdef ABORT_OPENS_THE_SOURCE_FIRST
    rules_back();
    open_the_source();
    turning(target, 0);
#else
    /* The target's gate is won first. If it is open by now, there is only forward. */
    do
    :: atomic { !open[target] -> turn(target, 0); break }
    :: atomic { open[target] -> undoing = 0; goto at_open }
    :: atomic { may_die }; take_over()
    od;
#ifdef ABORT_OPENS_BEFORE_THE_RULE
    open_the_source();
    rules_back();
#else
    rules_back();
    open_the_source();
#endif
#endif
    atomic { forget_the_list(); undoing = 0 };
    if
    :: goto at_check
    :: over = 1
    fi;
end:
    skip
}

/* Applications, replication, and what spreads ****************************************************************/

inline send_again(r) {
    at = r; phase = sent; under = epoch[r];
    if
    :: journal -> known = 1
    :: else
    fi
}

inline begin(r) {
    written++; value = written; before = acknowledged; send_again(r);
    if
    :: !open[r] -> under = 255
    :: else
    fi
}

#ifdef ACKNOWLEDGED_WHENEVER
#define in_force true
#else
#define in_force (open[at] && epoch[at] == under)
#endif

inline end_of_operation() {
    phase = none; at = 0; value = 0; under = 0; before = 0
}

inline arrive(r, n) {
    take_out(OUT + r, n);
    if
    :: kept_out(r) -> add(FAILED + r, v)
    :: !kept_out(r) && failures > 0 -> failures--; add(FAILED + r, v)
    :: !kept_out(r) && (rule[r] == off || rule[r] == falling) -> add(FAILED + r, v)
    :: !kept_out(r) ->
        if
        :: BY_ARRIVAL || v > cur[1 - r] -> cur[1 - r] = v
        :: else
        fi
    fi;
    v = 0;
    judge()
}

#define sent_again(r) (rule[r] == on && !kept_out(r))

#define in_place(which, n) way[(which) * ROOM + n]
#define to_be_sent_again(r) (!nothing(FAILED + r) && sent_again(r))

/* One of those on their way; what was written first arrives first where the order of arrival counts. */
inline choose(which) {
    if
    :: !nothing(which + A) -> r = A
    :: !nothing(which + B) -> r = B
    fi;
    do
    :: !BY_ARRIVAL && n + 1 < ROOM && in_place(which + r, n + 1) != 0 -> n++
    :: break
    od
}

inline choose_failed() {
    if
    :: to_be_sent_again(A) -> r = A
    :: to_be_sent_again(B) -> r = B
    fi;
    do
    :: n + 1 < ROOM && in_place(FAILED + r, n + 1) != 0 -> n++
    :: break
    od
}

inline batch(r, n) {
    take_out(FAILED + r, n);
    if
    :: BY_ARRIVAL && v != cur[r]
    :: else -> add(OUT + r, v)
    fi;
    v = 0
}

#define quiet(r) (nothing(OUT + r) && (nothing(FAILED + r) || !sent_again(r)))
#define settled(what, r) (what[r] == on || what[r] == off)
#define at_rest (phase == none && adrift == none && !straying && ghost == none && quiet(A) && quiet(B) \
    && settled(fence, A) && settled(fence, B) && settled(rule, A) && settled(rule, B))

proctype world() {
    short i, j, k, made, v;
    byte r_, v_, r, n;
    do
    /* The client. It begins where it believes that it may. */
    :: atomic { phase == none && written < WRITES && (open[A] || behind[A]) -> begin(A) }
    :: atomic { phase == none && written < WRITES && (open[B] || behind[B]) -> begin(B) }
    :: atomic { phase == sent && denies(at) -> phase = held }
    :: atomic { phase == sent && passes(at) -> phase = taken }
    :: atomic { phase == taken -> phase = landed; put(at, value) }
    :: atomic { phase == landed ->
        if
        :: in_force -> acknowledge(value, before); end_of_operation()
        :: else -> phase = held
        fi }
    :: atomic { phase == held && open[A] -> send_again(A) }
    :: atomic { phase == held && open[B] -> send_again(B) }
    /* It gives a request up that has no answer, where applications write elsewhere now. */
    :: atomic { (phase == sent || phase == taken) && open[1 - at] && adrift == none ->
        adrift = phase; adrift_at = at; adrift_value = value; send_again(1 - at) }
    :: atomic { adrift == sent && denies(adrift_at) -> adrift = none; adrift_at = 0; adrift_value = 0 }
    :: atomic { adrift == sent && passes(adrift_at) -> adrift = taken }
    :: atomic { adrift == taken -> put(adrift_at, adrift_value); adrift = none; adrift_at = 0; adrift_value = 0 }
    :: atomic { adrift != none -> adrift = none; adrift_at = 0; adrift_value = 0 }
    :: atomic { behind[A] -> behind[A] = 0 }
    :: atomic { behind[B] -> behind[B] = 0 }
    :: atomic { event -> event = 0; known = 1 }
    /* The application that asks nobody: acknowledged when it lands. */
    :: atomic { !straying && strays < STRAYS && passes(A) -> straying = 1; stray_at = A; stray_before = acknowledged }
    :: atomic { !straying && strays < STRAYS && passes(B) && !virgin ->
        straying = 1; stray_at = B; stray_before = acknowledged }
    :: atomic { straying -> put(stray_at, FIRST_STRAY + strays); acknowledge(FIRST_STRAY + strays, stray_before);
        straying = 0; stray_at = 0; stray_before = 0; strays++ }
    :: atomic { stranger && virgin && passes(B) -> stranger = 0; put(B, STRANGERS) }
    /* Replication; what failed is sent again by Batch Replication. */
    :: atomic { !nothing(OUT + A) || !nothing(OUT + B) -> choose(OUT); arrive(r, n); r = 0; n = 0 }
    :: atomic { to_be_sent_again(A) || to_be_sent_again(B) -> choose_failed(); batch(r, n); r = 0; n = 0 }
    /* Policies and rules become known to all servers; the moment of a fence comes. */
    :: atomic { fence[A] == rising -> fence[A] = on }
    :: atomic { fence[B] == rising -> fence[B] = on }
    :: atomic { fence[A] == falling -> fence[A] = off; judge() }
    :: atomic { fence[B] == falling -> fence[B] = off; judge() }
    :: atomic { fence[A] == spreading -> fence[A] = armed }
    :: atomic { fence[B] == spreading -> fence[B] = armed }
    :: atomic { fence[A] == armed -> fence[A] = on }
    :: atomic { fence[B] == armed -> fence[B] = on }
#ifdef MOMENT_BEFORE_SPREAD
    :: atomic { fence[A] == spreading -> fence[A] = rising }
    :: atomic { fence[B] == spreading -> fence[B] = rising }
#endif
#ifdef FENCE_ENDS_BY_ITSELF
    :: atomic { fence[A] == on && open[B] -> fence[A] = falling; judge() }
#endif
    :: atomic { rule[A] == rising -> rule[A] = on }
    :: atomic { rule[A] == falling -> rule[A] = off }
    :: atomic { rule[B] == rising -> rule[B] = on }
    :: atomic { rule[B] == falling -> rule[B] = off }
    /* The dead controller's call arrives, or is lost. */
    :: atomic { ghost != none ->
        r = ghost_at;
        if
        :: true
        :: ghost == a_rule -> ask_rule(r, ghost_says)
        :: ghost == a_fence -> ask_fence(r, ghost_says)
#ifdef GATES_TURNED_WITHOUT_CONDITION
        :: ghost == a_gate -> turn(r, (ghost_says == on))
#else
        :: ghost == a_gate && epoch[r] == ghost_epoch -> turn(r, (ghost_says == on))
#endif
        fi;
        ghost = none; ghost_says = none; ghost_at = 0; ghost_epoch = 0; r = 0 }
    /* Nothing more happens unless somebody begins something: both sides are the same. */
    :: atomic { over && at_rest && !virgin && !alike -> passive_side_stale = 1;
        assert(!(passive_side_stale && (WATCHED & 4)));
        passive_side_stale = 0; break }
    :: timeout -> break
    od;
    if
    :: !over || phase != none || straying || open[A] == open[B] -> nobody_can_go_on = 1
    :: else
    fi;
    assert(!(nobody_can_go_on && (WATCHED & 8)))
}

init {
    atomic {
        cur[A] = 8 | EXISTING; virgin = 1;
        open[A] = 1; epoch[A] = 1; epoch[B] = 1;
        acknowledged = bit_of(EXISTING); replaced = bit_of(STRANGERS) | bit_of(NOTHING);
        fence[A] = off; fence[B] = off; rule[A] = on; rule[B] = off;
#if RECORDS
        /* A replica of the table has its policy from the beginning. */
        cur[B] = cur[A]; rule[B] = on;
#ifndef TARGET_NOT_FENCED
        fence[B] = on; virgin = 0;
#endif
#else
        cur[B] = NOTHING; way[0] = cur[A];
#ifdef REVERSE_FROM_THE_BEGINNING
        rule[B] = on;
#endif
#endif
        run world();
        run controller()
    }
}
