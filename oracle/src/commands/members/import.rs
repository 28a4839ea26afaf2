//! `stk-oracle members import FILE`.

use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::super::Opened;
use super::Answer;
use crate::identity::{Applied, Roster};

/// Makes members of a file's lines, in one transaction; names the lines that are wrong.
pub(super) async fn run(opened: &Opened, file: &Path) -> anyhow::Result<()> {
    let failed = || format!("failed to read {}", file.display());
    let personal_data = opened.config.personal_data()?;
    let roster = Roster::read(file, &personal_data).with_context(failed)?;
    let (store, now_us) = (opened.log.store(), opened.log.clock().now_us());
    let applied = store
        .update_members(now_us, |members| {
            let lines = roster.lines.iter().map(|line| {
                let row = line.row.as_ref().map_err(Clone::clone);
                row.and_then(|row| row.apply(members).map_err(|error| error.to_string()))
            });
            Ok(lines.collect::<Vec<_>>())
        })
        .await
        .context("failed to write the members")?;
    for (line, outcome) in roster.lines.iter().zip(&applied) {
        if let Err(problem) = outcome {
            eprintln!("{}:{}: rejected: {problem}", file.display(), line.line);
        }
    }
    let count =
        |wanted: fn(&Applied) -> bool| applied.iter().flatten().filter(|a| wanted(a)).count();
    let (read, added, changed) = (applied.len(), count(|a| a.added), count(|a| a.changed));
    let rejected = applied.iter().filter(|outcome| outcome.is_err()).count();
    let answer = Answer {
        text: format!(
            "{}: {read} lines, {added} new members, {changed} lines with something new, \
             {rejected} rejected",
            file.display()
        ),
        json: json!({
            "file": file,
            "read": read,
            "members_added": added,
            "lines_changed": changed,
            "rejected": rejected,
        }),
    };
    answer.print(opened.output);
    Ok(())
}
