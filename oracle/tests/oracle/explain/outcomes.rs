//! Every outcome and every reason is said in both languages.

use system_token_oracle::explain::{Reason, Unpaid};
use system_token_oracle::language::Language;
use system_token_oracle::weigh::{Factor, Outcome};

use super::rule_books::points;

#[test]
fn every_outcome_has_words_of_its_own_in_both_languages() {
    let mut explanation = points().explain("vera", 5);
    for language in Language::ALL {
        let mut texts = std::collections::BTreeSet::new();
        for outcome in Outcome::ALL {
            explanation.pools[0].kinds[0].contributions[0].outcome = outcome;
            let text = explanation.to_text(language, Default::default()).unwrap();
            assert!(!text.contains(['{', '}']), "{text}");
            texts.insert(text);
        }
        assert_eq!(texts.len(), Outcome::ALL.len());
    }
}

#[test]
fn every_factor_and_every_reason_has_words_of_its_own_in_both_languages() {
    let original = points().explain("vera", 5);
    let factors = [
        Factor::Effort,
        Factor::Rarity,
        Factor::Group,
        Factor::Difficulty,
        Factor::Quality,
        Factor::Recognition,
        Factor::Qualification,
        Factor::Streak,
        Factor::Consistency,
    ];
    for language in Language::ALL {
        let mut texts = std::collections::BTreeSet::new();
        let mut explanation = original.clone();
        for factor in factors {
            explanation.pools[0].kinds[0].contributions[0].factors[0].factor = factor;
            texts.insert(explanation.to_text(language, Default::default()).unwrap());
        }
        for reason in Reason::ALL {
            explanation.events.unpaid = vec![Unpaid { reason, name: "x".to_owned(), events: 2 }];
            texts.insert(explanation.to_text(language, Default::default()).unwrap());
        }
        assert_eq!(texts.len(), factors.len() + Reason::ALL.len());
        assert!(texts.iter().all(|text| !text.contains(['{', '}'])));
    }
}
