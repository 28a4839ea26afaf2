# Почему участник получил столько, сколько получил за эпоху.

# Первые строки.
title = Участник { $member }, эпоха { $epoch }: { $tokens }
tokens = { $amount } { $symbol }
period = { $first } – { $last }, UTC
policy = { $policy }, версия { $version }
paid-to = Заработанное выплачивается на кошелёк участника { $member }.
nothing = В этой эпохе у участника нет ничего, за что платит какой-либо фонд.

# Фонд и вид вклада.
pool = Фонд { $pool }: { $tokens }
kind = { $kind }: { $contributions ->
    [one] { $contributions } вклад
    [few] { $contributions } вклада
   *[many] { $contributions } вкладов
}
event = событие { $event }
received = что другие сделали с его работой

# От базы до оценки.
base = { $points } (база)
step = × { $value } ({ $factor }) = { $points }
factor-effort = усилие
factor-rarity = редкость
factor-group = группа
factor-difficulty = сложность
factor-quality = качество
factor-recognition = признание
factor-qualification = ступень
factor-streak = дни подряд
factor-consistency = эпохи подряд
recognition = Признание { $value }: { $unengaged }, если никто не откликнулся (φ)
recognition-engagement = + { $part } за то, что с ним сделали другие: { $weight } (λ) × { $steepness ->
    [1] E / (E + K)
   *[other] E² / (E² + K²)
}, E = { $sum }, K = { $half }
recognition-reuse = + { $part } за то, что им воспользовались другие: { $weight } (ρ) × { $steepness ->
    [1] R / (R + K)
   *[other] R² / (R² + K²)
}, R = { $sum }, K = { $half }
rounded = Округлено до кратного { $to } (половина — вверх): { $points }
cap = За один вклад не больше { $cap }: { $score }
cap-by-qualification = За один вклад не больше { $action } × { $qualification } (ступень), округлённых до целых баллов (половина — вверх): { $score }

# От оценки до того, что засчитано.
rank = № { $rank } среди вкладов этого вида по оценке: { $score } × { $rank }^−{ $exponent } = { $points }
day-cap = За день засчитывается не больше { $cap } ({ $actions } × { $action }). До него набралось { $before }, поэтому умещается { $points }.
outcome-counted = Засчитано { $points }.
outcome-diminished = Засчитано { $points }: меньше, потому что вкладов этого вида много.
outcome-past-daily-limit = Засчитано 0: за день засчитывается не больше { $limit } таких вкладов, а этот был позже.
outcome-past-limit = Засчитано 0: за эпоху засчитывается не больше { $limit } лучших вкладов этого вида, и этот не среди них.
outcome-past-day-cap = Засчитано { $points }: всё сверх дневного предела отсекается.
outcome-withdrawn = Засчитано 0: работа отозвана.
outcome-worthless = Засчитано 0: { $factor ->
    [recognition] пока не откликнулся никто, кому доверяют.
    [quality] те, кто вправе оценивать, сочли, что он ничего не стоит.
    [difficulty] его сложность равна 0.
    [effort] на него не потрачено усилий.
    [qualification] ступень участника даёт множитель 0.
    [rounding] после округления ничего не осталось.
   *[other] от него ничего не осталось.
}
outcome-untrusted = Засчитано 0: участнику пока не доверяет никто из тех, кому доверяют.
outcome-newcomer-has-not-contributed = Засчитано 0: приглашённый пока не внёс вклада.
outcome-not-eligible = Засчитано 0: в этой эпохе участнику не платят, причина ниже.
volume = Вместе { $sum }. Их предел κ = { $capacity } × доверие { $trust } = { $bound }. От каждого засчитывается κ / ({ $sum } + κ).
kind-counted = { $kind }, засчитано

# Кому не платят.
exclusion-role = Ничего не засчитано: { $role ->
    [trainee] стажёрам
    [master] мастерам
    [curator] кураторам
    [admin] администраторам
    [agent] агентам
   *[other] тем, у кого роль { $role },
} не платят.
exclusion-too-few = Ничего не засчитано: { $made ->
    [one] годится { $made } вклад
    [few] годятся { $made } вклада
   *[many] годятся { $made } вкладов
}, а для выплаты нужно { $needed }.

# От засчитанного до баллов.
counted = Засчитано за вклады
influence = × { $value } (влияние): 1 + { $weight } (μ) × доверие { $trust } / { $greatest }
worth = Стоимость вкладов
revision = Эпоха { $epoch } заново: с учётом нового { $now }, раньше { $before }
owed-before = Долг с прошлого: баллов начислили слишком много
owed = Долг на будущее: его покроют следующие баллы
points = Баллы

# От баллов до суммы.
share = { $percent } бюджета в { $budget }
left-before = Осталось от прежних эпох
returned = Вернулось в фонд за отозванные работы
spend-limit = За эпоху не больше { $percent } доли
point-limit = За балл не больше { $tokens }, а всего баллов { $points }
spendable = Фонд может потратить
rate = { $points } × { $tokens } за балл
rate-scaled = Все баллы вместе стоят больше, чем фонд может потратить, поэтому всё уменьшено соразмерно
member-cap = Одному участнику не больше { $percent } того, что фонд может потратить
alone = Делить это не с кем
at-cap = { $members ->
    [one] { $members } участник получает наибольшее возможное для одного, { $percent } от этого
    [few] { $members } участника получают наибольшее возможное для одного, по { $percent } от этого
   *[many] { $members } участников получают наибольшее возможное для одного, по { $percent } от этого
}
at-cap-left = Остальным остаётся
proportion = Из этого { $weight } / { $weights }, округлено вниз
remainder = Наибольшие остатки получают ещё единицу
no-points = Без баллов доли в нём нет
amount = Доля участника

# Отложенные награды.
held-title = Отложено
held = { $work }, до { $day }
matured-title = Было отложено, выплачивается теперь
matured = { $work }, было отложено до { $day }
cancelled-title = Было отложено и отменено: работа отозвана
cancelled = { $work }, было отложено до { $day }

# Итог.
payment-title = Выплата
granted = Начислено фондами
held-of-it = Пока отложено
matured-sum = Было отложено, выплачивается теперь
paid = Выплачивается за эпоху
total-before = Всего до этого
total-after = Всего теперь
held-after = Отложено и ещё не выплачено

# За что не платят.
events-title = { $events ->
    [0] В этой эпохе участник ничего не делал.
    [one] В этой эпохе у участника { $events } событие.
    [few] В этой эпохе у участника { $events } события.
   *[many] В этой эпохе у участника { $events } событий.
}
event-count = { $name } ({ $events })
unpaid-presence = { $events ->
    [one] За { $events } событие не платят
    [few] За { $events } события не платят
   *[many] За { $events } событий не платят
}: присутствие не оплачивается. { $names }
unpaid-engagement = { $events ->
    [one] { $events } событие говорит о чужих работах и может
    [few] { $events } события говорят о чужих работах и могут
   *[many] { $events } событий говорят о чужих работах и могут
} засчитываться там. { $names }
unpaid-statement = { $events ->
    [one] { $events } событие сообщает
    [few] { $events } события сообщают
   *[many] { $events } событий сообщают
} то, о чём спрашивают правила; это не вклад. { $names }
unpaid-own-work = { $events ->
    [one] За { $events } событие не платят: оно касается
    [few] За { $events } события не платят: они касаются
   *[many] За { $events } событий не платят: они касаются
} собственной работы участника. { $names }
unpaid-unmet = { $events ->
    [one] За { $events } событие не платят: оно не подходит
    [few] За { $events } события не платят: они не подходят
   *[many] За { $events } событий не платят: они не подходят
} под правила. { $names }
unpaid-source = { $events ->
    [one] За { $events } событие не платят: источник не из тех
    [few] За { $events } события не платят: источники не из тех
   *[many] За { $events } событий не платят: источники не из тех
}, за которые платят. { $names }
