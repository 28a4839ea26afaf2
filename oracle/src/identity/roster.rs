//! Reads files that say who is known under which ids: CSV with a header, or JSON objects, one a line.
//!
//! ```text
//! member,source,external_id,roles
//! anna,club,17,master;curator
//! anna,telegram,123456,
//! ```
//!
//! Lines with the same member key are one member. The key is an id too, under the source `key`, so
//! that the same file read twice changes nothing, and people can say `key:anna` for the member.
//! E-mail addresses are hashed as those of events are, so that both are the same member.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;

use super::{Alias, IdentityError, MemberIndex, Members, Role};
use crate::ingest::PersonalData;
use crate::statement;

/// The source of member keys.
pub const KEY_SOURCE: &str = "key";
/// The longest id that is taken, bytes.
const MAX_ID_BYTES: usize = 256;
/// The longest line that is read, bytes.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// Who is known under which id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterRow {
    /// What the file calls the member.
    pub key: Alias,
    /// An id of the member's.
    pub alias: Alias,
    /// Roles that the member is given, if it does not have them.
    pub roles: Vec<Role>,
}

/// A line of a file, counted from 1, and what it says or why it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterLine {
    /// Which line.
    pub line: u64,
    /// What it says, or what is wrong with it.
    pub row: Result<RosterRow, String>,
}

/// A file's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Every line that is not empty, without the header.
    pub lines: Vec<RosterLine>,
}

/// What a line changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Whether somebody became a member.
    pub added: bool,
    /// Whether an id was new, or a role.
    pub changed: bool,
}

/// Why a file is not read at all.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The system does not give it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Its name does not say what it is.
    #[error("the name must end in .csv, .jsonl or .ndjson, to say what the file is")]
    Format,
    /// Its columns are not these.
    #[error("the header must be member,source,external_id,roles: {0}")]
    Header(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRow {
    member: String,
    source: String,
    external_id: String,
    #[serde(default)]
    roles: Vec<String>,
}

impl Roster {
    /// Reads a file; what is wrong with single lines is said in their place.
    ///
    /// # Errors
    /// [`RosterError`] when nothing of it can be read.
    pub fn read(path: &Path, personal_data: &PersonalData) -> Result<Self, RosterError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let lines = match extension {
            Some("csv") => read_csv(File::open(path)?)?,
            Some("jsonl" | "ndjson") => read_json_lines(BufReader::new(File::open(path)?))?,
            _ => return Err(RosterError::Format),
        };
        let checked = lines.into_iter().map(|(line, row)| RosterLine {
            line,
            row: row.and_then(|row| check(&row, personal_data)),
        });
        Ok(Self { lines: checked.collect() })
    }
}

impl RosterRow {
    /// Makes members know what the row says.
    ///
    /// # Errors
    /// [`IdentityError::AliasTaken`] when its id and its key are two members', and others.
    pub fn apply(&self, members: &mut Members) -> Result<Applied, IdentityError> {
        let find =
            |members: &Members, alias: &Alias| members.find(&alias.source, &alias.external_id);
        let found = (find(members, &self.key), find(members, &self.alias));
        let (member, added) = match found {
            (Some(member), _) => (member, false),
            // Known by its events or another file: the key is new, and must be its only one.
            (None, Some(member)) => match other_key(members, member) {
                Some(key) => return Err(IdentityError::AliasTaken { alias: key, member }),
                None => (member, false),
            },
            (None, None) => (members.add(self.key.clone())?, true),
        };
        let mut changed = members.add_alias(member, self.alias.clone())?;
        changed |= members.add_alias(member, self.key.clone())?;
        for role in &self.roles {
            changed |= members.grant(member, *role)?;
        }
        Ok(Applied { added, changed })
    }
}

/// The key that a member has already.
fn other_key(members: &Members, member: MemberIndex) -> Option<Alias> {
    let all = members.iter().filter(|(index, _)| members.survivor(*index) == member);
    let mut aliases = all.flat_map(|(_, member)| &member.aliases);
    aliases.find(|alias| alias.source == KEY_SOURCE).cloned()
}

type Lines = Vec<(u64, Result<JsonRow, String>)>;

fn read_csv(file: impl Read) -> Result<Lines, RosterError> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let header = reader.headers().map_err(|error| RosterError::Header(error.to_string()))?;
    let expected = ["member", "source", "external_id", "roles"];
    if !header.iter().eq(expected) && !header.iter().eq(expected[..3].iter().copied()) {
        let found = header.iter().collect::<Vec<_>>().join(",");
        return Err(RosterError::Header(format!("it is {found}")));
    }
    let columns = header.len();
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let read = reader.read_record(&mut record);
        let line = record.position().map_or(0, csv::Position::line);
        match read {
            Ok(false) => return Ok(lines),
            Ok(true) => lines.push((line, csv_row(&record, columns))),
            Err(error) => match error.into_kind() {
                csv::ErrorKind::Io(error) => return Err(error.into()),
                csv::ErrorKind::Utf8 { pos, .. } => {
                    let line = pos.map_or(0, |position| position.line());
                    lines.push((line, Err("it is not UTF-8".to_owned())));
                }
                other => lines.push((line, Err(format!("it cannot be read: {other:?}")))),
            },
        }
    }
}

fn csv_row(record: &csv::StringRecord, columns: usize) -> Result<JsonRow, String> {
    if record.len() != columns {
        return Err(format!("it has {} columns, and the header has {columns}", record.len()));
    }
    let roles = record.get(3).unwrap_or_default().split([';', ' ']);
    Ok(JsonRow {
        member: record[0].to_owned(),
        source: record[1].to_owned(),
        external_id: record[2].to_owned(),
        roles: roles.filter(|role| !role.is_empty()).map(str::to_owned).collect(),
    })
}

fn read_json_lines(mut file: impl BufRead) -> Result<Lines, RosterError> {
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.len() as u64 == MAX_LINE_BYTES && !bytes.ends_with(b"\n") {
            file.skip_until(b'\n')?;
            lines.push((number, Err(format!("it is longer than {MAX_LINE_BYTES} bytes"))));
        } else if !bytes.trim_ascii().is_empty() {
            let row = serde_json::from_slice(&bytes);
            lines.push((number, row.map_err(|error| format!("it is not such an object: {error}"))));
        }
    }
    Ok(lines)
}

fn check(row: &JsonRow, personal_data: &PersonalData) -> Result<RosterRow, String> {
    for (field, value) in
        [("member", &row.member), ("source", &row.source), ("external_id", &row.external_id)]
    {
        if value.trim().is_empty() {
            return Err(format!("its {field} is empty"));
        }
        if value.contains('\0') {
            return Err(format!("its {field} has a NUL in it"));
        }
        if value.len() > MAX_ID_BYTES {
            return Err(format!("its {field} is longer than {MAX_ID_BYTES} bytes"));
        }
    }
    if row.source == KEY_SOURCE {
        return Err(format!("the source `{KEY_SOURCE}` is that of the member keys themselves"));
    }
    if row.source == statement::SOURCE {
        let source = statement::SOURCE;
        return Err(format!("an id in the source `{source}` is a wallet, which its owner links"));
    }
    let roles: Vec<Role> = row.roles.iter().map(|role| role.parse()).collect::<Result<_, _>>()?;
    if roles.contains(&Role::Agent) {
        return Err(IdentityError::AgentWithoutOwner.to_string());
    }
    Ok(RosterRow {
        key: Alias::new(KEY_SOURCE, personal_data.clean_actor(&row.member)?),
        alias: Alias::new(&row.source, personal_data.clean_actor(&row.external_id)?),
        roles,
    })
}
