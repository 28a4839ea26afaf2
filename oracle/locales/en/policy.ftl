# A rule book in words: `stk-oracle policy explain`.

title = { $name }, version { $version }. It holds from epoch { $epoch } on; what earlier rules granted stays.

budget = What there is to pay
epochs = An epoch is { $days ->
    [one] one day
   *[other] { $days } days
} long; the first begins on { $start }.
budget-of-epoch = Each has { $amount } { $symbol }.
decay = After every { $epochs ->
    [one] epoch
   *[other] { $epochs } epochs
} it is { $left } of what it was.
supply = There will never be more than { $amount } { $symbol }.
pool = The pool { $pool } has { $share } of it.
by-share = A pool's members share it in proportion to their points: what a point is worth depends on what all did.
by-rate = A point is worth { $rate } { $symbol }; when there is not enough, all are paid less in proportion.
carried = What is left stays in its pool, which spends at most { $limit } of its share in one epoch.
carried-only = What is left stays in its pool; no pool spends more than its share in one epoch.
point-limit = A point is never worth more than { $amount } { $symbol }: an idle week is no windfall for who did little.
member-cap = No member gets more than { $cap } of what a pool spends; what is cut off goes to the others.

kinds = What pays
presence = Nothing else pays: whoever only looks, logs in or is there gets nothing.
of-pool = From the pool { $pool }:
kind = { $kind }: { $points ->
    [one] { $points } point
   *[other] { $points } points
} for each event { $event }, to who acted.
kind-of-author = { $kind }: { $points ->
    [one] { $points } point
   *[other] { $points } points
} for each event { $event }, to whose work it is about.
where = Only with { $property }: { $values }.
others-only = Only about the work of others.
newcomer = Only once who is named in { $property } has contributed too.
base-at = Said at × { $times }, and divided by it.
group = Its group counts × { $times }.
effort = Times { $property } to the power of { $exponent }, up to { $most }.
rare = What is seldom done counts more.
difficulty-size = By size ({ $properties }): { $steps }.
bracket = from { $from } on { $percent }
difficulty-table = By { $property }: { $steps }.
difficulty-property = By the percent that { $property } says, between 10 and 1,000.
unengaged = Counts { $percent } until others take it up.
unengaged-nothing = Counts nothing until others take it up.
not-multiplied = Neither stage nor habits multiply it.
daily-limit = { $count ->
    [one] One a day counts
   *[other] { $count } a day count
}.
limit = { $count ->
    [one] One an epoch counts
   *[other] { $count } an epoch count
}.
diminishing = The n-th best of an epoch counts n to the power of −{ $exponent }.
capacity = However many there are in an epoch, they approach { $points } points for who is wholly trusted, and less for others.
holding = Held for { $days ->
    [one] one day
   *[other] { $days } days
} before it is paid; withdrawn meanwhile, it returns to its pool.

recognition = Whose voice counts
no-engagement = What others do with a contribution changes nothing.
engagement = What others do with a contribution adds up to { $most }; half of that at a weight of { $half }.
steep = A little counts less than its share.
reuse = What others build on it adds up to { $most } more; half of that at a weight of { $half }.
signals = What others do:
signal = { $event }: weight { $weight }.
signal-of-trust = { $event }: weight { $weight }, and trust in the author { $trust }.
signal-reuse = It is a reuse.
signal-kinds = Only about { $kinds }.
pair-damping = One person's n-th engagement with one author in an epoch counts n to the power of −{ $exponent }.
attention = One person has a weight of { $weights } to give in an epoch; who gives more gives each a smaller part.
self-dealing = Own works, own agents and other accounts of one member count nothing.
no-trust = Everybody's voice counts as that of one whole person.
trust-seeds = Trust begins with { $seeds }.
trust-roles = Trust begins with who has the role { $roles }.
trust = It is passed on to whose work they take up: { $restart } stays with them in each of { $rounds } rounds, over the endorsements of { $epochs } epochs. All trust together speaks like { $persons ->
    [one] one person
   *[other] { $persons } people
}, and nobody louder than one.
influence = The points of the most trusted member gain { $percent }, those of others in proportion to the trust in them.
no-assessment = Nobody assesses works.
assessment = Whoever is trusted assesses works (event { $event }); a work counts what the middle voice says.
assessment-by = Who has the role { $roles } assesses works (event { $event }); a work counts what the middle voice says.
assessment-sources = Only assessments from { $sources } count.
assessment-scale = Score and what it makes of a work: { $steps }.
assessment-prior = Beside them a voice of { $persons } finds every work worth 100%.

multipliers = What multiplies
qualification = The stage, granted from outside (event { $event }), from stage 0 on: { $levels }.
qualification-terms = A stage holds for { $days } days at most; who has none counts × { $default }.
qualification-sources = Only grants from { $sources } count.
streak = Days in a row: { $levels }.
streak-level = from { $days } × { $times }
streak-missed = One day missed goes one level down, two in a row to the beginning.
consistency = Epochs in a row with a contribution: × { $levels }; later ones as the last.
rarity = Rare work: (median ÷ count) to the power of { $exponent } over { $days } days, between × { $least } and × { $most }.

limits = Where it stops
cap = One contribution counts { $points } points at most.
cap-by-qualification = One contribution counts { $points } points × stage at most, rounded to whole points.
cap-above = Up to the stage × { $times } nothing is cut off.
cap-day = A day counts { $actions } times that.
rounding = From { $from } points on, points are rounded to multiples of { $to }.
min-contributions = Who has fewer than { $count ->
    [one] one contribution
   *[other] { $count } contributions
} in an epoch that count is not paid for it.
excluded-roles = Who has the role { $roles } is not paid.
sources = Only events from { $sources } count.
statements-domain = Statements that members sign count when they are meant for { $domain }.

times = What happens when
revision = What comes within { $epochs ->
    [one] one epoch
   *[other] { $epochs } epochs
} still changes what a contribution is worth: a later epoch grants what is missing, or less until what was too much is made up for. What was granted stays.
no-revision = What comes after an epoch has closed changes nothing of it.
withdrawal = A work that is withdrawn ({ $events }) counts nothing from then on.
withdrawal-sources = Only from { $sources }.
challenge = The guardian can stop an epoch within { $hours ->
    [one] one hour
   *[other] { $hours } hours
} after the oracles signed it.
timelock = A change on chain waits { $hours ->
    [one] one hour
   *[other] { $hours } hours
}.
stays = Other rules need a higher version and hold from a later epoch on; nobody's total ever falls.
