# Why a member got what it got in an epoch.

# The first lines.
title = Member { $member } in epoch { $epoch }: { $tokens }
tokens = { $amount } { $symbol }
period = { $first } – { $last }, UTC
policy = { $policy }, version { $version }
paid-to = What it earns is paid to the wallet of member { $member }.
nothing = In this epoch there is nothing of this member that any pool pays for.

# A pool and a kind.
pool = Pool { $pool }: { $tokens }
kind = { $kind }: { $contributions ->
    [one] { $contributions } contribution
   *[other] { $contributions } contributions
}
event = event { $event }
received = what somebody else did with its work

# From the base to the score.
base = { $points } (base)
step = × { $value } ({ $factor }) = { $points }
factor-effort = effort
factor-rarity = rarity
factor-group = group
factor-difficulty = difficulty
factor-quality = quality
factor-recognition = recognition
factor-qualification = qualification
factor-streak = days in a row
factor-consistency = epochs in a row
recognition = Recognition { $value }: { $unengaged } when nobody takes it up (φ)
recognition-engagement = + { $part } for what others did with it: { $weight } (λ) × { $steepness ->
    [1] E / (E + K)
   *[other] E² / (E² + K²)
}, E = { $sum }, K = { $half }
recognition-reuse = + { $part } for its reuse by others: { $weight } (ρ) × { $steepness ->
    [1] R / (R + K)
   *[other] R² / (R² + K²)
}, R = { $sum }, K = { $half }
rounded = Rounded half up to multiples of { $to }: { $points }
cap = At most { $cap } for one contribution: { $score }
cap-by-qualification = At most { $action } × { $qualification } (qualification), rounded half up to whole points, for one contribution: { $score }

# From the score to what counts.
rank = No. { $rank } of its kind by score: { $score } × { $rank }^−{ $exponent } = { $points }
day-cap = A day counts { $cap } at most ({ $actions } × { $action }). Before it were { $before }, so { $points } are within.
outcome-counted = Counts { $points }.
outcome-diminished = Counts { $points }: less, as one of many of its kind.
outcome-past-daily-limit = Counts 0: of its kind { $limit } count on one day, and it came after them.
outcome-past-limit = Counts 0: of its kind the best { $limit } count in an epoch, and it is not among them.
outcome-past-day-cap = Counts { $points }: what is past the day's cap is cut off.
outcome-withdrawn = Counts 0: the work was withdrawn.
outcome-worthless = Counts 0: { $factor ->
    [recognition] nobody who is trusted has taken it up yet.
    [quality] who may assess found it to be worth nothing.
    [difficulty] its difficulty is 0.
    [effort] it took no effort.
    [qualification] the member's stage counts 0.
    [rounding] rounded, nothing is left of it.
   *[other] nothing is left of it.
}
outcome-untrusted = Counts 0: nobody who is trusted trusts the member yet.
outcome-newcomer-has-not-contributed = Counts 0: who was brought has not contributed yet.
outcome-not-eligible = Counts 0: the member is not paid in this epoch, see below.
volume = Together { $sum }. Their bound is κ = { $capacity } × trust { $trust } = { $bound }. Of each, κ / ({ $sum } + κ) counts.
kind-counted = { $kind } counts

# Who is not paid.
exclusion-role = Nothing of it counts: { $role ->
    [trainee] trainees
    [master] masters
    [curator] curators
    [admin] admins
    [agent] agents
   *[other] members with the role { $role }
} are not paid.
exclusion-too-few = Nothing of it counts: { $made ->
    [one] { $made } contribution would count
   *[other] { $made } contributions would count
}, and it takes { $needed } to be paid.

# From what counts to points.
counted = Its contributions count
influence = × { $value } (influence): 1 + { $weight } (μ) × trust { $trust } / { $greatest }
worth = Worth
revision = Epoch { $epoch } again: worth { $now } by what is known now, { $before } until now
owed-before = Owed from before, when too many points were granted
owed = Owed from now on: later points make up for it
points = Points

# From points to an amount.
share = { $percent } of the budget, { $budget }
left-before = Left by earlier epochs
returned = Returned to the pool, as works were withdrawn
spend-limit = At most { $percent } of its share in one epoch
point-limit = At most { $tokens } for a point, of which all members have { $points }
spendable = The pool can spend
rate = { $points } × { $tokens } for a point
rate-scaled = All points together are worth more than the pool can spend, so all are scaled down
member-cap = At most { $percent } of what the pool can spend for one member
alone = Nobody else has a part of it
at-cap = { $members ->
    [one] { $members } member gets the most that one can, { $percent } of that
   *[other] { $members } members get the most that one can, { $percent } of that each
}
at-cap-left = Left for the others
proportion = Of that { $weight } / { $weights }, rounded down
remainder = The largest remainders get one unit more
no-points = Without points the member has no part of it
amount = The member's part

# Rewards that are held.
held-title = Held
held = { $work }, until { $day }
matured-title = Held before and paid now
matured = { $work }, held until { $day }
cancelled-title = Held before and cancelled, because the work was withdrawn
cancelled = { $work }, was held until { $day }

# What it comes to.
payment-title = Payment
granted = Granted by the pools
held-of-it = Held for now
matured-sum = Held before, paid now
paid = Paid in this epoch
total-before = Total before
total-after = Total now
held-after = Held and not paid yet

# What pays nothing.
events-title = { $events ->
    [0] It did nothing in this epoch.
    [one] It did { $events } thing in this epoch.
   *[other] It did { $events } things in this epoch.
}
event-count = { $name } ({ $events })
unpaid-presence = { $events ->
    [one] { $events } event pays nothing
   *[other] { $events } events pay nothing
}: presence is not paid. { $names }
unpaid-engagement = { $events ->
    [one] { $events } event speaks
   *[other] { $events } events speak
} for the work of others, and may count there. { $names }
unpaid-statement = { $events ->
    [one] { $events } event says
   *[other] { $events } events say
} something that the rules ask for, which is no contribution. { $names }
unpaid-own-work = { $events ->
    [one] { $events } event pays nothing: it is
   *[other] { $events } events pay nothing: they are
} about the member's own work. { $names }
unpaid-unmet = { $events ->
    [one] { $events } event pays nothing: it is
   *[other] { $events } events pay nothing: they are
} not what the rules pay for. { $names }
unpaid-source = { $events ->
    [one] { $events } event pays nothing: its source is
   *[other] { $events } events pay nothing: their sources are
} not among those that pay. { $names }
