//! A report like a real community's: 112 members, a few of whom do most, in their 71st week. And one
//! of a community that wants to break the page.

use system_token_oracle::report::{
    Dimension, DimensionOff, EpochReport, MemberRow, MemberStatement, PastEpoch, PolicyVersion,
    PoolRow, PublicStatistics, StatementLine, Token, TopContribution,
};

const STK: u64 = 1_000_000;
const MEMBERS: u32 = 112;
const EPOCH: u64 = 71;
/// Name, share of the epoch's budget, what earlier epochs left; whole tokens.
const POOLS: [(&str, u64, u64); 3] =
    [("personal", 15_000, 0), ("community", 35_000, 2_400), ("world", 50_000, 61_250)];

/// A number below `limit` that looks like chance and is the same every time.
fn noise(member: u32, salt: u64, limit: u64) -> u64 {
    let mixed = (u64::from(member) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (salt << 17));
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) % limit
}

/// Points of a member in a pool: the k-th most active has about k^-1.5 of the first one's; every
/// third does nothing.
fn points(member: u32, pool: u64) -> u64 {
    if noise(member, 99, 3) == 0 || noise(member, pool + 3, 4) == 0 {
        return 0;
    }
    let rank = noise(member, 7, u64::from(MEMBERS)) + 1;
    (400_000_000_000 / (rank * rank.isqrt())) * (20 + noise(member, pool, 80)) / 100
}

/// An amount in proportion to the weights; what rounding leaves goes to the first who gets anything.
fn split(amount: u64, weights: &[u64]) -> Vec<u64> {
    let total: u128 = weights.iter().copied().map(u128::from).sum();
    let part = |weight: &u64| u128::from(amount) * u128::from(*weight) / total;
    let mut parts: Vec<u64> = weights.iter().map(|w| u64::try_from(part(w)).unwrap()).collect();
    let left = amount - parts.iter().sum::<u64>();
    *parts.iter_mut().find(|part| **part > 0).unwrap() += left;
    parts
}

/// What each member gets from each pool, when their points are changed by `factor` (percent).
fn amounts(factor: impl Fn(u32) -> u64) -> Vec<Vec<u64>> {
    let spent = POOLS.map(|(_, share, carried)| (share * 2).min(share + carried) * STK);
    (0u64..)
        .zip(spent)
        .map(|(pool, spent)| {
            let weights: Vec<_> = (0..MEMBERS).map(|m| points(m, pool) * factor(m)).collect();
            split(spent, &weights)
        })
        .collect()
}

fn member(index: u32, by_pool: &[Vec<u64>]) -> MemberRow {
    let amounts: Vec<_> = by_pool.iter().map(|pool| pool[index as usize]).collect();
    let amount = amounts.iter().sum();
    let is_newcomer = index >= MEMBERS - 9;
    let earlier = if is_newcomer { 0 } else { amount * (3 + noise(index, 5, 60)) };
    MemberRow {
        member: index,
        label: format!("member {index}"),
        amounts,
        amount,
        lifetime: amount + earlier,
        contributions: u32::try_from(amount.div_ceil(180 * STK)).unwrap(),
        points: (0..3).map(|pool| points(index, pool)).sum::<u64>() / 2_000,
        is_newcomer,
    }
}

fn contribution(place: u32, best: &[MemberRow]) -> TopContribution {
    const KINDS: [&str; 4] = ["work_accepted", "work_accepted", "review", "problem_raised"];
    let author = &best[(place as usize * place as usize / 9) % 12];
    let kind = KINDS[usize::try_from(noise(place, 21, 4)).unwrap()];
    let number = 4_100 + noise(place, 22, 900);
    let amount = author.amount / u64::from(4 + place / 3);
    TopContribution {
        member: author.member,
        kind: kind.to_owned(),
        artifact: (place % 5 != 3).then(|| format!("pull:{number}")),
        points: amount / 37,
        amount,
    }
}

fn off(dimension: Dimension, salt: u64, strength: u64) -> DimensionOff {
    let by_pool = amounts(|member| 100 - strength / 2 + noise(member, salt, strength.max(1)));
    let total = |member: u32| by_pool.iter().map(|pool| pool[member as usize]).sum();
    DimensionOff { dimension, amounts: (0..MEMBERS).map(|m| (m, total(m))).collect() }
}

fn past(epoch: u64) -> PastEpoch {
    let wave = noise(u32::try_from(epoch).unwrap(), 31, 26);
    PastEpoch {
        epoch,
        granted: (100_000 - if epoch > 52 { 10_000 } else { 0 } + wave * 900) * STK,
        members_paid: 9 + epoch / 2 + wave,
        gini_ppm: u32::try_from(520_000 + wave * 9_000).unwrap(),
    }
}

/// The community's 71st week.
pub(crate) fn report() -> EpochReport {
    let by_pool = amounts(|_| 100);
    let members: Vec<_> = (0..MEMBERS).map(|index| member(index, &by_pool)).collect();
    let mut best = members.clone();
    best.sort_by_key(|member| std::cmp::Reverse(member.amount));
    let mut contributions: Vec<_> = (0..24).map(|place| contribution(place, &best)).collect();
    contributions.sort_by_key(|contribution| std::cmp::Reverse(contribution.amount));
    let granted = members.iter().map(|member| member.amount).sum();
    let pools = POOLS.into_iter().zip(&by_pool).map(|((name, share, carried_in), amounts)| {
        let (share, carried_in) = (share * STK, carried_in * STK);
        let allocated = amounts.iter().sum();
        let spendable = (share * 2).min(share + carried_in);
        let carried_out = share + carried_in - allocated;
        PoolRow { name: name.to_owned(), share, carried_in, spendable, allocated, carried_out }
    });
    EpochReport {
        epoch: EPOCH,
        start: "2019-02-11T00:00:00Z".parse().unwrap(),
        end: "2019-02-18T00:00:00Z".parse().unwrap(),
        token: Token { symbol: "STK".to_owned(), decimals: 6 },
        policy: PolicyVersion {
            name: "Contribution in an engineering community".to_owned(),
            version: 3,
        },
        pools: pools.collect(),
        statistics: PublicStatistics {
            supply: members.iter().map(|member| member.lifetime).sum(),
            active_wallets: 64,
            granted,
            burned: 12_345 * STK + 678_900,
        },
        members,
        contributions,
        dimensions: vec![
            off(Dimension::Volume, 41, 120),
            off(Dimension::Meaning, 42, 30),
            off(Dimension::Engagement, 43, 60),
            off(Dimension::Difficulty, 44, 90),
            off(Dimension::Influence, 45, 0),
        ],
        history: (1..EPOCH).map(past).collect(),
    }
}

fn line(label: &str, detail: &str, points: Option<i128>, amount: Option<i128>) -> StatementLine {
    StatementLine { label: label.to_owned(), detail: detail.to_owned(), points, amount }
}

/// The statement of a member who did much.
pub(crate) fn statement(report: &EpochReport) -> MemberStatement {
    let best = report.members.iter().max_by_key(|member| member.amount).unwrap();
    let kinds = ["work_accepted", "review", "comment", "problem_raised", "work_proposed"];
    let contributions = (0..14u32).map(|place| {
        let amount = i128::from(best.amount) / i128::from(place + 3) / 2;
        let detail =
            format!("pull:{} · base 100 × difficulty 150% × engagement 1.43", 4_200 + place);
        line(kinds[place as usize % 5], &detail, Some(amount / 40), Some(amount))
    });
    MemberStatement {
        member: best.member,
        contributions: contributions.collect(),
        factors: vec![
            line("Influence", "trust 0.62 of the greatest: × 1.06", Some(5_200_000), None),
            line("Limit of a member", "25% of what the pool can spend", None, Some(-1_234_567_890)),
            line("Review withdrawn", "granted in epoch 69", None, Some(-20_000_000)),
        ],
    }
}

/// An epoch in which nothing happened, the first one.
pub(crate) fn nothing() -> EpochReport {
    let mut report = report();
    for member in &mut report.members {
        (member.amounts, member.amount, member.points) = (vec![0; 3], 0, 0);
        (member.contributions, member.is_newcomer, member.lifetime) = (0, false, 0);
    }
    for pool in &mut report.pools {
        (pool.allocated, pool.carried_out) = (0, pool.share + pool.carried_in);
    }
    report.statistics =
        PublicStatistics { supply: 0, active_wallets: 0, granted: 0, burned: 5 * STK };
    (report.epoch, report.contributions, report.history) = (1, vec![], vec![]);
    report.dimensions = vec![];
    report
}

/// A community whose names are markup, and as long as they can be.
pub(crate) fn hostile() -> (EpochReport, MemberStatement) {
    const MARKUP: &str = "<script src=\"https://evil.example/x.js\">alert('1')</script>";
    let mut report = report();
    let mut statement = statement(&report);
    report.policy.name = format!("{MARKUP}{}", "x".repeat(300));
    report.token.symbol = "<b>STK".to_owned();
    report.pools[0].name =
        format!("\"><img src=//evil.example onerror=alert(1)>{}", "y".repeat(90));
    for member in &mut report.members {
        member.label = format!("{MARKUP} {{ $x }} {}", "z".repeat(120));
    }
    for contribution in &mut report.contributions {
        contribution.kind = MARKUP.to_owned();
        contribution.artifact = Some(format!("'\"><style>*{{}}</style>{}", "w".repeat(120)));
    }
    for line in statement.contributions.iter_mut().chain(&mut statement.factors) {
        (line.label, line.detail) = (MARKUP.to_owned(), format!("</table>{}", "v".repeat(200)));
        line.amount = line.amount.map(|_| i128::from(u64::MAX));
    }
    (report, statement)
}
