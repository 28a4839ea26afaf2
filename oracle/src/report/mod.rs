//! An epoch's report: a page for everybody, its figures as CSV and JSON, and a statement for each
//! member.
//!
//! ```text
//! EpochReport ─┬─▶ report.html       one file, no script, nothing from elsewhere
//!              ├─▶ members.csv       a row a member, exact
//!              ├─▶ statistics.json   without members
//!              └─▶ statement-7.html  one for each MemberStatement
//! ```
//!
//! It is drawn from plain data ([`EpochReport`]), reads no clock, and writes the same bytes every time.
//! `docs/report.md` has the files' formats.

mod build;
mod csv;
mod data;
mod member;
mod page;
mod public;
mod statement;
mod statistics;

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

pub use build::Closing;
pub use data::{
    Dimension, DimensionOff, Disagreement, EpochReport, MemberRow, MemberStatement, PastEpoch,
    PolicyVersion, PoolRow, PublicStatistics, StatementLine, Token, TopContribution,
};
pub use member::member_statement;
pub use statistics::{Band, Distribution, LorenzPoint, TopPlace, WHOLE_PPM};

use crate::identity::MemberIndex;
use crate::language::{Language, Messages, Texts, TextsError};

/// The page for everybody.
pub const PAGE_FILE: &str = "report.html";
/// The members' figures.
pub const CSV_FILE: &str = "members.csv";
/// The public statistics.
pub const STATISTICS_FILE: &str = "statistics.json";

/// The texts of pages and statements.
pub const TEXTS: Texts = Texts {
    en: include_str!("../../locales/en/report.ftl"),
    ru: include_str!("../../locales/ru/report.ftl"),
};

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Its numbers do not add up.
    #[error(transparent)]
    Disagreement(#[from] Disagreement),
    /// A statement or contribution is of nobody in the report.
    #[error("{place} is of member {member}, who is not among the report's members")]
    UnknownMember {
        /// What names them.
        place: &'static str,
        /// Index of the member.
        member: MemberIndex,
    },
    /// A member or their statement is there twice.
    #[error("member {member} is there twice, {place}")]
    Twice {
        /// Among what.
        place: &'static str,
        /// Index of the member.
        member: MemberIndex,
    },
    /// The texts of the language cannot be read.
    #[error(transparent)]
    Texts(#[from] TextsError),
    /// The folder is not there and cannot be made.
    #[error("failed to create the folder {}: {error}: choose one that can be written", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        error: std::io::Error,
    },
    /// A file cannot be written. What was there before is still there.
    #[error("failed to write {}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: std::io::Error,
    },
    /// The table cannot be written.
    #[error("failed to write the members as CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// The statistics cannot be written.
    #[error("failed to write the statistics as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes the report and the statements into a folder, which is made if it is not there.
///
/// Each file appears as a whole or stays as it was. The paths are in the order of writing.
///
/// # Errors
/// When the report does not add up, which is found before anything is written, or when the folder or a
/// file cannot be written.
pub fn write(
    report: &EpochReport,
    statements: &[MemberStatement],
    language: Language,
    folder: &Path,
) -> Result<Vec<PathBuf>, ReportError> {
    report.check()?;
    let members = known_members(report, statements)?;
    let messages = Messages::new(language, &TEXTS)?;
    let view = page::View::new(report, &messages);
    let folder_failed = |error| ReportError::Folder { path: folder.to_owned(), error };
    std::fs::create_dir_all(folder).map_err(folder_failed)?;
    let mut paths = vec![
        write_file(folder, PAGE_FILE, page::page(&view).as_bytes())?,
        write_file(folder, CSV_FILE, &csv::table(report)?)?,
        write_file(folder, STATISTICS_FILE, &public::json(report)?)?,
    ];
    for (statement, member) in statements.iter().zip(members) {
        let name = format!("statement-{}.html", statement.member);
        let page = statement::page(&view, member, statement);
        paths.push(write_file(folder, &name, page.as_bytes())?);
    }
    Ok(paths)
}

/// The member of each statement, after a look at everything else that names one.
fn known_members<'a>(
    report: &'a EpochReport,
    statements: &[MemberStatement],
) -> Result<Vec<&'a MemberRow>, ReportError> {
    once("among the members", report.members.iter().map(|member| member.member))?;
    once("among the statements", statements.iter().map(|statement| statement.member))?;
    let members: HashMap<MemberIndex, &MemberRow> =
        report.members.iter().map(|member| (member.member, member)).collect();
    let find = |place: &'static str, member: MemberIndex| {
        members.get(&member).copied().ok_or(ReportError::UnknownMember { place, member })
    };
    for contribution in &report.contributions {
        find("a contribution", contribution.member)?;
    }
    for (member, _) in report.dimensions.iter().flat_map(|off| &off.amounts) {
        find("an amount without a dimension", *member)?;
    }
    statements.iter().map(|statement| find("a statement", statement.member)).collect()
}

fn once(
    place: &'static str,
    mut members: impl Iterator<Item = MemberIndex>,
) -> Result<(), ReportError> {
    let mut seen = HashSet::new();
    let again = members.find(|member| !seen.insert(*member));
    again.map_or(Ok(()), |member| Err(ReportError::Twice { place, member }))
}

/// Writes a file beside its name and moves it there.
fn write_file(folder: &Path, name: &str, content: &[u8]) -> Result<PathBuf, ReportError> {
    let path = folder.join(name);
    let written = || -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // As any file that is made, not for its owner alone: a web server may be another user.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(content)?;
        file.persist(&path)?;
        Ok(())
    };
    written().map_err(|error| ReportError::File { path: path.clone(), error })?;
    Ok(path)
}
