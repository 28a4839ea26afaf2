# Отчёт об эпохе и ведомость участника.

tokens = { $amount } { $symbol }
epoch = Эпоха { $epoch }
title = Эпоха { $epoch } · { $policy }
policy = { $policy }, версия { $version }
period = { $first } – { $last }, UTC
contents = Содержание
figures-as-table = Числа таблицей
member = Участник
amount = Сумма, { $symbol }
share = Доля

# Первые строки.
lead = { $members ->
    [one] { $members } участник получил
    [few] { $members } участника получили
   *[many] { $members } участников получили
} { $tokens } за { $contributions ->
    [one] { $contributions } вклад
    [few] { $contributions } вклада
   *[many] { $contributions } вкладов
}.
lead-nobody = В этой эпохе никто ничего не получил. Непотраченное остаётся в фондах.
granted = Начислено
members-paid = Получили
members-paid-of = из { $members } известных
contributions = Вклады
newcomers = Новички
gini = Джини
gini-hint = 0: всем поровну, 1: всё одному

# Как распределены суммы.
distribution-title = Кто сколько получил
distribution-none = В этой эпохе никто ничего не получил.
distribution-lead = Десятая часть участников, получившая больше всех, получила { $tenth } начисленного; половина, получившая меньше, — { $half }.
distribution-bands = Сколько участников и сколько получили
distribution-band = { $symbol }, от – до (не включая)
distribution-band-members = Участников
band = { $from } – { $to }
band-first = меньше { $to }
band-last = { $from } и больше
lorenz-caption = Кривая Лоренца: сколько вместе у тех, кто получил меньше
lorenz-label = Кривая Лоренца. У половины участников, получившей меньше, { $half }; у девяти десятых — { $nine_tenths }. Коэффициент Джини: { $gini }.
lorenz-members = Участники, начиная с получивших меньше
lorenz-amount = От всех { $symbol }
lorenz-equal = всем поровну
smallest = Меньше всего
median = Медиана
mean = Среднее
largest = Больше всего
best-paid = Кто получил больше всего
best-paid-more = Участники с { $from } по { $to }

# Фонды.
pools-title = Фонды
pools-lead = У фонда есть доля бюджета эпохи и то, что осталось от прежних эпох. Что он не смог потратить из-за ограничений, остаётся в нём на будущее.
pool-share = Доля бюджета
pool-carried-in = Осталось с прошлого
pool-spendable = Можно было потратить
pool-allocated = Распределено
pool-carried-out = Осталось на будущее

# Самые ценные вклады.
contributions-title = Вклады, получившие больше всего
contributions-lead = Вместе { $share } начисленного. Сумма — часть полученного автором, которая приходится на этот вклад.
contributions-more = Вклады с { $from } по { $to }
contributions-none = Ни один вклад ничего не получил.
contribution = Вклад
points = { $points ->
    [one] { $points } балл
    [few] { $points } балла
    [many] { $points } баллов
   *[other] { $points } балла
}

# Новички.
newcomers-title = Новички
newcomers-lead = { $count ->
    [one] { $count } участник внёс вклад впервые и получил { $tokens }, { $share } начисленного.
    [few] { $count } участника внесли вклад впервые. Вместе они получили { $tokens }, { $share } начисленного.
   *[many] { $count } участников внесли вклад впервые. Вместе они получили { $tokens }, { $share } начисленного.
}
newcomers-none = В этой эпохе никто не внёс вклад впервые.
newcomers-part = Новички
newcomers-others = Все остальные
newcomers-more = { $count ->
    [one] … и ещё { $count } новичок.
    [few] … и ещё { $count } новичка.
   *[many] … и ещё { $count } новичков.
}

# Что сделали измерения.
dimensions-title = Что сделало каждое измерение
dimensions-lead = Каждое по очереди отключили и взвесили эпоху без него. Вправо — кто благодаря измерению получил больше, влево — кто меньше.
dimensions-none = Действие измерений для этой эпохи не рассчитано.
dimensions-moved = Сколько { $symbol } каждое измерение передало от одних участников другим
dimension = Измерение
dimension-moved = Передано, { $symbol }
dimension-effect = { $raised ->
    [one] { $raised } участник получил
    [few] { $raised } участника получили
   *[many] { $raised } участников получили
} больше, { $lowered } — меньше.
dimension-no-effect = Из-за него никто не получил ни больше, ни меньше.
dimension-difference = Разница, { $symbol }
dimension-volume = Объём
dimension-volume-hint = Чем больше вкладов одного вида, тем меньше стоит каждый следующий.
dimension-meaning = Смысл
dimension-meaning-hint = Как вклад оценили те, кому это поручено.
dimension-engagement = Отклик
dimension-engagement-hint = Что сделали с вкладом другие.
dimension-difficulty = Сложность
dimension-difficulty-hint = Насколько трудным был вклад.
dimension-influence = Влияние
dimension-influence-hint = Насколько автор движет другими.

# Эпоха за эпохой.
trend-title = Эпоха за эпохой
trend-none = Прежних эпох, с которыми можно сравнить, нет.
trend-granted = Начислено, { $symbol }
trend-members = Получили, участников
trend-gini = Джини сумм
trend-label = { $name }, эпохи с { $from } по { $to }: от { $first } до { $last }; меньше всего { $least }, больше всего { $most }.
trend-epoch = Эпоха

# Без участников.
statistics-title = Открытая статистика
statistics-lead = Распределение в целом на конец эпохи. Здесь ничто не говорит, кто такой участник.
supply = Всего в обращении
active-wallets = Активных кошельков
burned = Сожжено
net = Прирост
net-hint = начислено − сожжено
lifetime-gini = Джини за всё время
top-100 = Сто самых больших сумм за всё время
place = Место

# Внизу.
exact = Суммы здесь округлены. В { $csv } — суммы всех участников с точностью до базовой единицы, в { $json } — открытая статистика для программ.

# Ведомость участника.
statement-title = Эпоха { $epoch } · { $member }
statement-heading = Ведомость
statement-lead = В этой эпохе вы получили { $tokens }.
statement-lead-nothing = В этой эпохе вы ничего не получили. Ниже сказано, почему.
statement-lifetime = Заработано за всё время
statement-points = Баллы
statement-pools = По фондам
statement-pool = Фонд
statement-total = Всего
statement-contributions = Ваши вклады
statement-contributions-none = В этой эпохе нет ваших вкладов.
statement-factors = Что изменило результат
statement-line = Что
statement-private = Эта страница ваша: в открытый отчёт она не входит.

# What the public calls a member.
member-label = участник { $member }

# Строки выписки.
line-influence = { $pool }: доверие к вам
line-revised = { $pool }: пересчёт эпохи { $epoch }
line-owed = { $pool }: начислено раньше с избытком
line-pool = Пул { $pool }
line-pool-points = баллов: { $points }
line-held = Удержано до созревания
line-matured = Удержанное раньше, выплачено сейчас
