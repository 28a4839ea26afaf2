//! What somebody may do, and how often.

use proptest::collection::vec;
use proptest::prelude::*;

/// Members of the community.
pub(crate) const MEMBERS: usize = 12;
/// Keys that are ever admin or guardian, or try to act as one.
pub(crate) const PEOPLE: usize = 4;
/// Keys that are ever in the oracle set.
pub(crate) const ORACLES: usize = 5;
/// Stands for the epoch that was computed last.
pub(crate) const NEWEST: usize = usize::MAX;
/// Stands for the epoch that was finalized last.
pub(crate) const FINALIZED: usize = usize::MAX - 1;

const DAY: u32 = 24 * 60 * 60;
const WEEK: u32 = 7 * DAY;

/// Something that somebody does.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The oracles agree on totals for an epoch; `raises` may lower and may exceed every limit.
    Compute { epoch_ahead: u64, raises: Vec<i64> },
    /// The oracles compute the next epoch from the last one, attest it in time, and it is
    /// finalized.
    Honest { raises: Vec<i64> },
    /// Some oracles sign one of the computed epochs.
    Attest { candidate: usize, signers: Signers },
    /// Anyone finalizes one of the computed epochs.
    Finalize { candidate: usize },
    /// Anyone claims a run of one of the computed epochs, finalized or not.
    Claim { candidate: usize, quad: u32, quads: u32 },
    /// Anyone opens a page.
    OpenPage { page_index: u32 },
    /// Time passes, seconds.
    Wait { seconds: u32 },
    /// The token program freezes or thaws a member's account.
    Freeze { member: usize, frozen: bool },
    /// Somebody queues a change.
    Queue { by: Who, plan: Plan },
    /// Anyone executes what is queued.
    Execute,
    /// The admin queues a change, its timelock ends, and anyone executes it.
    Reform { plan: Plan },
    /// Somebody cancels what is queued, as its guardian would.
    Cancel { by: Who },
    /// Somebody vetoes one of the computed epochs.
    Veto { by: Who, candidate: usize },
    /// Somebody pauses, as the guardian would.
    Pause { by: Who },
    /// Somebody lets it go on.
    Unpause { by: Who },
    /// Somebody proposes an admin, or nobody.
    ProposeAdmin { by: Who, next: Option<usize> },
    /// Somebody accepts to be the admin.
    AcceptAdmin { by: Who },
    /// Anyone closes the proposal of one of the computed epochs.
    CloseProposal { candidate: usize },
}

/// Who signs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// Whoever may at that time, if it is one key.
    Rightful,
    /// One of the people, who may or may not.
    Person(usize),
}

/// Which oracles sign.
#[derive(Clone, Debug)]
pub(crate) enum Signers {
    /// As many of the current set as must.
    Quorum,
    /// Some of the keys that are, were or will be oracles.
    Keys(Vec<usize>),
}

/// A change, relative to what is in force when it is queued.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// So many oracles from one of them on.
    OracleSet { first: usize, count: usize, threshold: usize },
    /// Another emission, with a cap so far above what is granted.
    Emission { decay: (u32, u16), budget: u64, growth_limit: u64, headroom: i64 },
    /// Other waiting times.
    Windows { challenge_seconds: u32, timelock_seconds: u32 },
    /// One of the people.
    Guardian { person: usize },
}

fn plan() -> impl Strategy<Value = Plan> {
    let decay = (0u32..4, prop_oneof![9 => 0u16..=10_000, 1 => Just(10_001)]);
    // A lower bound of 0 and a few below it: what is just right and what is refused.
    let headroom = prop_oneof![6 => 0i64..4_000_000, 1 => Just(0), 1 => -10i64..0];
    let emission = (decay, 0u64..2_000_000, 1u64..2_000_000, headroom);
    prop_oneof![
        3 => (0..ORACLES, 1..=ORACLES, 0..=ORACLES + 1)
            .prop_map(|(first, count, threshold)| Plan::OracleSet { first, count, threshold }),
        4 => emission.prop_map(|(decay, budget, growth_limit, headroom)| Plan::Emission {
            decay,
            budget,
            growth_limit,
            headroom,
        }),
        2 => (0u32..7_200, 0..DAY).prop_map(|(challenge_seconds, timelock_seconds)| {
            Plan::Windows { challenge_seconds, timelock_seconds }
        }),
        1 => (0..PEOPLE).prop_map(|person| Plan::Guardian { person }),
    ]
}

fn governance() -> impl Strategy<Value = Step> {
    let by = || prop_oneof![3 => Just(Who::Rightful), 1 => (0..PEOPLE).prop_map(Who::Person)];
    prop_oneof![
        2 => (by(), plan()).prop_map(|(by, plan)| Step::Queue { by, plan }),
        2 => Just(Step::Execute),
        3 => plan().prop_map(|plan| Step::Reform { plan }),
        1 => by().prop_map(|by| Step::Cancel { by }),
        1 => (by(), candidate()).prop_map(|(by, candidate)| Step::Veto { by, candidate }),
        1 => by().prop_map(|by| Step::Pause { by }),
        2 => by().prop_map(|by| Step::Unpause { by }),
        1 => (by(), proptest::option::weighted(0.9, 0..PEOPLE))
            .prop_map(|(by, next)| Step::ProposeAdmin { by, next }),
        1 => by().prop_map(|by| Step::AcceptAdmin { by }),
        1 => candidate().prop_map(|candidate| Step::CloseProposal { candidate }),
    ]
}

fn candidate() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(NEWEST), 1 => 0usize..8]
}

/// Any step: mostly what an honest run would do next, so that many sequences get somewhere.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let ahead = prop_oneof![4 => Just(1u64), 1 => 0u64..4];
    let raise = || prop_oneof![20 => 0i64..40_000, 1 => -200i64..0, 1 => 0i64..400_000];
    let claimed = prop_oneof![3 => Just(FINALIZED), 2 => candidate()];
    let signers = prop_oneof![
        3 => Just(Signers::Quorum),
        1 => vec(0..ORACLES, 1..4).prop_map(Signers::Keys),
    ];
    prop_oneof![
        2 => (ahead, vec(raise(), MEMBERS))
            .prop_map(|(epoch_ahead, raises)| Step::Compute { epoch_ahead, raises }),
        4 => vec(raise(), MEMBERS).prop_map(|raises| Step::Honest { raises }),
        4 => (candidate(), signers)
            .prop_map(|(candidate, signers)| Step::Attest { candidate, signers }),
        4 => candidate().prop_map(|candidate| Step::Finalize { candidate }),
        6 => (claimed, 0u32..4, 1u32..5)
            .prop_map(|(candidate, quad, quads)| Step::Claim { candidate, quad, quads }),
        1 => (0u32..2).prop_map(|page_index| Step::OpenPage { page_index }),
        4 => prop_oneof![Just(WEEK), Just(3_600), 0u32..90_000]
            .prop_map(|seconds| Step::Wait { seconds }),
        1 => (0..MEMBERS, any::<bool>())
            .prop_map(|(member, frozen)| Step::Freeze { member, frozen }),
        12 => governance(),
    ]
}
