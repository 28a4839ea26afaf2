//! What each dimension did: whom it gave more, and whom less.
//!
//! difference(i) = amount(i) − amount(i) without the dimension; moved = Σ of the differences above 0.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::View;
use super::chart;
use super::view::BarRow;
use crate::identity::MemberIndex;
use crate::report::data::{Dimension, DimensionOff};
use crate::report::statistics::part_ppm;

/// Members shown on either side.
const MOST: usize = 4;

/// What one dimension did.
struct Effect {
    /// Start of its messages' ids.
    id: &'static str,
    /// Differences that are not 0, base units, the greatest first.
    differences: Vec<(MemberIndex, i128)>,
}

impl Effect {
    fn new(view: &View<'_>, off: &DimensionOff) -> Self {
        let without: BTreeMap<_, _> = off.amounts.iter().copied().collect();
        let difference = |member: MemberIndex, amount: u64| {
            let without = without.get(&member).copied().unwrap_or_default();
            (member, i128::from(amount) - i128::from(without))
        };
        let members = view.report.members.iter();
        let mut differences: Vec<_> = members
            .map(|member| difference(member.member, member.amount))
            .filter(|(_, difference)| *difference != 0)
            .collect();
        differences.sort_by_key(|(member, difference)| (-difference, *member));
        Self { id: id(off.dimension), differences }
    }

    fn raised(&self) -> impl Iterator<Item = &(MemberIndex, i128)> {
        self.differences.iter().filter(|(_, difference)| *difference > 0)
    }

    fn lowered(&self) -> impl Iterator<Item = &(MemberIndex, i128)> {
        self.differences.iter().filter(|(_, difference)| *difference < 0)
    }

    /// Base units.
    fn moved(&self) -> u128 {
        self.raised().map(|(_, difference)| difference.unsigned_abs()).sum()
    }
}

fn id(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Volume => "dimension-volume",
        Dimension::Meaning => "dimension-meaning",
        Dimension::Engagement => "dimension-engagement",
        Dimension::Difficulty => "dimension-difficulty",
        Dimension::Influence => "dimension-influence",
    }
}

pub(super) fn section(view: &View<'_>) -> Markup {
    let effects: Vec<_> = view.report.dimensions.iter().map(|off| Effect::new(view, off)).collect();
    if effects.is_empty() {
        return html! { p { (view.text("dimensions-none")) } };
    }
    html! {
        p { (view.text("dimensions-lead")) }
        div.grid {
            (moved(view, &effects))
            @for effect in &effects { (figure(view, effect)) }
        }
    }
}

/// The dimensions beside each other.
fn moved(view: &View<'_>, effects: &[Effect]) -> Markup {
    let most = effects.iter().map(Effect::moved).max().unwrap_or_default();
    let row = |effect: &Effect| BarRow {
        label: html! {
            span.name { (view.text(effect.id)) }
            span.second { (view.of_epoch(effect.moved())) }
        },
        value: view.amount(i128::try_from(effect.moved()).unwrap_or_default()),
        bar: chart::bar(part_ppm(effect.moved(), most)),
    };
    let rows: Vec<_> = effects.iter().map(row).collect();
    html! {
        figure {
            figcaption { (view.of_token("dimensions-moved")) }
            (view.bars(&view.text("dimension"), &view.of_token("dimension-moved"), &rows))
        }
    }
}

fn figure(view: &View<'_>, effect: &Effect) -> Markup {
    html! {
        figure {
            figcaption { (view.text(effect.id)) }
            p.hint { (view.text(&format!("{}-hint", effect.id))) }
            @if effect.differences.is_empty() {
                p { (view.text("dimension-no-effect")) }
            } @else {
                p { (counts(view, effect)) }
                (members(view, effect))
            }
        }
    }
}

fn counts(view: &View<'_>, effect: &Effect) -> String {
    let [raised, lowered] = [effect.raised().count(), effect.lowered().count()];
    view.message("dimension-effect", &[("raised", raised.into()), ("lowered", lowered.into())])
}

/// Who got most by it, and who lost most.
fn members(view: &View<'_>, effect: &Effect) -> Markup {
    let mut lowered: Vec<_> = effect.lowered().collect();
    let hidden = lowered.len().saturating_sub(MOST);
    lowered.drain(..hidden);
    let shown: Vec<_> = effect.raised().take(MOST).chain(lowered).collect();
    let most = shown.iter().map(|(_, difference)| difference.unsigned_abs()).max();
    let most = most.unwrap_or_default();
    let row = |(member, difference): &&(MemberIndex, i128)| BarRow {
        label: html! { (view.label(*member)) },
        value: view.change(*difference),
        bar: chart::diverging(part_ppm(difference.unsigned_abs(), most), *difference > 0),
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    view.bars(&view.text("member"), &view.of_token("dimension-difference"), &rows)
}
