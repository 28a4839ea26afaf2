# The report of an epoch, and the statement of a member.

tokens = { $amount } { $symbol }
epoch = Epoch { $epoch }
title = Epoch { $epoch } · { $policy }
policy = { $policy }, version { $version }
period = { $first } – { $last }, UTC
contents = Contents
figures-as-table = The figures as a table
member = Member
amount = Amount, { $symbol }
share = Share

# The first lines.
lead = { $members ->
    [one] { $members } member
   *[other] { $members } members
} got { $tokens } for { $contributions ->
    [one] { $contributions } contribution
   *[other] { $contributions } contributions
}.
lead-nobody = Nobody was paid in this epoch. What its pools did not spend is carried on.
granted = Granted
members-paid = Members paid
members-paid-of = of { $members } known
contributions = Contributions
newcomers = Newcomers
gini = Gini
gini-hint = 0: all the same, 1: all for one

# How the amounts are spread.
distribution-title = Who got how much
distribution-none = Nobody got anything in this epoch.
distribution-lead = The best-paid tenth of the paid members got { $tenth } of the epoch, the less-paid half { $half }.
distribution-bands = How many members got how much
distribution-band = { $symbol }, from – to below
distribution-band-members = Members
band = { $from } – { $to }
band-first = below { $to }
band-last = { $from } and more
lorenz-caption = Lorenz curve: what the less-paid members have together
lorenz-label = Lorenz curve of the amounts. The less-paid half of the members has { $half }, the less-paid nine tenths { $nine_tenths }. The Gini coefficient is { $gini }.
lorenz-members = Members, least paid first
lorenz-amount = Of all { $symbol }
lorenz-equal = the same for all
smallest = Smallest
median = Median
mean = Mean
largest = Largest
best-paid = Who got most
best-paid-more = Members { $from } to { $to }

# The pools.
pools-title = Pools
pools-lead = A pool has its share of the epoch's budget and what earlier epochs left. What limits keep it from spending stays in it for later ones.
pool-share = Share of the budget
pool-carried-in = Carried in
pool-spendable = Could spend
pool-allocated = Allocated
pool-carried-out = Carried on

# The contributions that earned most.
contributions-title = The contributions that earned most
contributions-lead = Together { $share } of the epoch. An amount is the contribution's part of what its author got.
contributions-more = Contributions { $from } to { $to }
contributions-none = No contribution earned anything.
contribution = Contribution
points = { $points ->
    [one] { $points } point
   *[other] { $points } points
}

# Who is new.
newcomers-title = Newcomers
newcomers-lead = { $count ->
    [one] { $count } member contributed for the first time and got { $tokens }, { $share } of the epoch.
   *[other] { $count } members contributed for the first time. Together they got { $tokens }, { $share } of the epoch.
}
newcomers-none = Nobody contributed for the first time in this epoch.
newcomers-part = Newcomers
newcomers-others = Everybody else
newcomers-more = { $count ->
    [one] … and { $count } newcomer more.
   *[other] … and { $count } newcomers more.
}

# What the dimensions did.
dimensions-title = What each dimension did
dimensions-lead = Each was switched off in turn, and the epoch weighed again without it. To the right is who got more because of the dimension, to the left who got less.
dimensions-none = The effect of the dimensions was not computed for this epoch.
dimensions-moved = { $symbol } that each dimension moved from some members to others
dimension = Dimension
dimension-moved = Moved, { $symbol }
dimension-effect = { $raised ->
    [one] { $raised } member
   *[other] { $raised } members
} got more, { $lowered } less.
dimension-no-effect = Nobody got more or less because of it.
dimension-difference = Difference, { $symbol }
dimension-volume = Volume
dimension-volume-hint = The more of one kind, the less each further one counts.
dimension-meaning = Meaning
dimension-meaning-hint = What assessors say a contribution is worth.
dimension-engagement = Engagement
dimension-engagement-hint = What others did with a contribution.
dimension-difficulty = Difficulty
dimension-difficulty-hint = How hard a contribution was.
dimension-influence = Influence
dimension-influence-hint = How far its author moves others.

# Epoch by epoch.
trend-title = Epoch by epoch
trend-none = There is no earlier epoch to compare this one with.
trend-granted = Granted, { $symbol }
trend-members = Members paid
trend-gini = Gini of the amounts
trend-label = { $name }, epochs { $from } to { $to }: from { $first } to { $last }; the least { $least }, the most { $most }.
trend-epoch = Epoch

# Without members.
statistics-title = Public statistics
statistics-lead = The distribution as a whole, at the end of the epoch. Nothing here tells who a member is.
supply = Supply
active-wallets = Active wallets
burned = Burned
net = Net
net-hint = granted − burned
lifetime-gini = Gini, lifetime
top-100 = The hundred largest lifetime totals
place = Place

# Below.
exact = Amounts are rounded here. { $csv } has every member's, exact to the base unit; { $json } has the public statistics for programs.

# A member's statement.
statement-title = Epoch { $epoch } · { $member }
statement-heading = Statement
statement-lead = You got { $tokens } in this epoch.
statement-lead-nothing = You got nothing in this epoch. Below is why.
statement-lifetime = Earned up to now
statement-points = Points
statement-pools = By pool
statement-pool = Pool
statement-total = In all
statement-contributions = Your contributions
statement-contributions-none = The epoch has no contribution of yours.
statement-factors = What changed the result
statement-line = What
statement-private = This page is yours: it is not part of the public report.

# What the public calls a member.
member-label = member { $member }

# Lines of a statement.
line-influence = { $pool }: trust in you
line-revised = { $pool }: what epoch { $epoch } turned out to be worth
line-owed = { $pool }: granted too much before
line-pool = Pool { $pool }
line-pool-points = { $points } points
line-held = Held until it matures
line-matured = Held before, paid now
