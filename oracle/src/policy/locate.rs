//! On which line of a rule book a key is.

use toml::de::{DeTable, DeValue};

/// The line of a key such as `kind.review.base`, counted from 1: its own, or that of the table that it
/// is missing from; 0 when not even that is there.
///
/// In an array of tables a table is known by its `name`, or else its `event`.
pub(super) fn line_of(text: &str, key: &str) -> usize {
    let Ok(document) = DeTable::parse(text) else {
        return 0;
    };
    let mut table = document.get_ref();
    let mut found = None;
    let mut parts = key.split('.');
    while let Some(part) = parts.next() {
        let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref().as_ref() == part)
        else {
            break;
        };
        found = Some(name.span().start);
        table = match value.get_ref() {
            DeValue::Table(inner) => inner,
            DeValue::Array(tables) => {
                let wanted = parts.next().unwrap_or_default();
                let named = tables.iter().find(|table| is_called(table.get_ref(), wanted));
                let Some((named, inner)) =
                    named.and_then(|named| Some((named, named.get_ref().as_table()?)))
                else {
                    break;
                };
                found = Some(named.span().start);
                inner
            }
            _ => break,
        };
    }
    found
        .map_or(0, |at| text[..at].lines().count() + usize::from(text[..at].ends_with('\n')))
        .max(usize::from(found.is_some()))
}

fn is_called(value: &DeValue<'_>, wanted: &str) -> bool {
    let table = value.as_table();
    ["name", "event"].iter().any(|key| {
        let called = table.and_then(|table| table.get(*key));
        called.and_then(|called| called.get_ref().as_str()) == Some(wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const TEXT: &str = "version = 1\n\n[epoch]\nlength_days = 7\n\n[[kind]]\nname = \"a\"\nbase = 1\n\n\
                        [[kind]]\nname = \"b\"\nbase = 2\n\n[[signal]]\nevent = \"like\"\nweight = 1\n";

    #[test]
    fn a_key_is_found_where_it_is() {
        for (key, line) in [
            ("version", 1),
            ("epoch", 3),
            ("epoch.length_days", 4),
            ("kind.a.base", 8),
            ("kind.b.base", 12),
            ("signal.like.weight", 16),
        ] {
            assert_eq!(line_of(TEXT, key), line, "{key}");
        }
    }

    #[test]
    fn what_is_missing_is_said_to_be_missing_from_its_table() {
        assert_eq!(line_of(TEXT, "epoch.start_at"), 3);
        assert_eq!(line_of(TEXT, "kind.b.pool"), 10);
        assert_eq!(line_of(TEXT, "trust.seeds"), 0);
        assert_eq!(line_of("[", "trust"), 0);
    }
}
