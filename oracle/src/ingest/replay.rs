//! What was turned away, once more: through the adapter of its source and the door, by what the
//! configuration says now.
//!
//! Rules about time are judged as of the moment when it was turned away first: it came in time then,
//! or it did not, however long somebody takes to correct a rule.

use std::collections::BTreeMap;

use super::capture::CapturedEvent;
use super::file::FileImport;
use super::webhook::PushedEvent;
use super::{Door, Integrity, PersonalData};
use crate::config::{ColumnNames, Config, ConfigError, Secret, SourceKind, SourceSettings};
use crate::segments::{Chunk, ChunkBuilder, EventLog, LogError, RawForm, Replayed, Retried, Row};
use crate::statement;
use crate::store::StoredRejection;

/// How a source's rejections are read again. It need not be configured any more: then its rows have
/// `PostHog`'s columns, as an import without configuration has it.
#[derive(Debug)]
pub struct ReplaySource {
    /// The source that delivered them; the rows' is the one that its events are filed under.
    name: String,
    rows: FileImport,
    posthog_rows: FileImport,
    /// What captured events have to bring; `None` where none are captured.
    token: Option<Secret>,
}

/// An event that was let in, and the artifact that it names with its author.
type Admitted = (Chunk, Option<(String, String)>);

impl ReplaySource {
    /// How the rejections of a source of this name are read.
    ///
    /// # Errors
    /// [`ConfigError`] when a secret is missing, or when its events would be statements.
    pub fn new(source: &str, config: &Config) -> Result<Self, ConfigError> {
        if source == statement::SOURCE {
            return Err(ConfigError::ReservedSource(source.to_owned()));
        }
        let settings = config.source(source);
        let integrity = config.integrity_of(source);
        let token = match settings.map(|source| &source.kind) {
            Some(SourceKind::Capture(capture)) => {
                let key = format!("source.{source}.token_env");
                Some(Secret::from_env(&key, &capture.token_env)?)
            }
            _ => None,
        };
        let columns = settings.map(SourceSettings::columns).unwrap_or_default();
        let filed_under = settings.map_or(source, SourceSettings::filed_under);
        let replayed = Self::of(filed_under, integrity, &config.personal_data()?, columns);
        Ok(Self { name: source.to_owned(), token, ..replayed })
    }

    fn of(
        source: &str,
        integrity: Integrity,
        personal_data: &PersonalData,
        columns: ColumnNames,
    ) -> Self {
        let posthog_rows = FileImport::new(source, integrity, personal_data.for_replay());
        let rows = FileImport { columns, ..posthog_rows.clone() };
        Self { name: source.to_owned(), rows, posthog_rows, token: None }
    }

    /// Takes in what is an event now, and keeps of the others why they are none.
    ///
    /// # Errors
    /// [`LogError`] when the log fails; then nothing has changed.
    pub async fn replay(
        &self,
        log: &EventLog,
        rejections: &[StoredRejection],
        dry_run: bool,
    ) -> Result<Replayed, LogError> {
        let mut retried = Vec::with_capacity(rejections.len());
        let mut authors = BTreeMap::new();
        for rejection in rejections {
            let admitted = match rejection.form {
                RawForm::Event => self.pushed(log, rejection, &authors).await?,
                _ => self.read(rejection).map(|chunk| (chunk, None)),
            };
            let (event, author) = match admitted {
                Ok((chunk, author)) => (Ok(chunk), author),
                Err(reason) => (Err(reason), None),
            };
            authors.extend(author.clone());
            let rejection_id = rejection.rejection_id.clone();
            retried.push(Retried { rejection_id, event, author });
        }
        log.replay(&self.name, &self.rows.source, retried, dry_run).await
    }

    /// The event of what is no adapter's event yet.
    fn read(&self, rejection: &StoredRejection) -> Result<Chunk, String> {
        let door = self.door(rejection);
        match rejection.form {
            RawForm::Row => self.row(&self.rows, &door, &rejection.raw),
            RawForm::PosthogRow => self.row(&self.posthog_rows, &door, &rejection.raw),
            RawForm::Captured => self.captured(&door, rejection),
            RawForm::Event | RawForm::Shape => Err(format!(
                "{}; its words may be personal data, so only its shape was kept: the source has to \
                 deliver it again",
                first_reason(&rejection.reason)
            )),
            RawForm::Part => Err(format!(
                "{}; only a part of it was kept: the source has to deliver it again",
                first_reason(&rejection.reason)
            )),
        }
    }

    fn row(&self, import: &FileImport, door: &Door<'_>, raw: &str) -> Result<Chunk, String> {
        let ColumnNames { id, event, actor, time, .. } = &import.columns;
        self.check_names(&[id, event, actor, time])?;
        import.read_row(raw, door)
    }

    fn captured(&self, door: &Door<'_>, rejection: &StoredRejection) -> Result<Chunk, String> {
        let event = CapturedEvent::from_kept(&rejection.raw, rejection.rejected_at_us)?;
        let is_known = |token: &str| self.token.as_ref().is_some_and(|own| own.reveal() == token);
        match event.token.as_deref() {
            Some(token) if !is_known(token) => Err("its token is another project's".to_owned()),
            _ => self.admit(door, event.row()),
        }
    }

    /// An event that an adapter read when it came. Whose its target is may be known by now.
    async fn pushed(
        &self,
        log: &EventLog,
        rejection: &StoredRejection,
        authors: &BTreeMap<String, String>,
    ) -> Result<Result<Admitted, String>, LogError> {
        let read = self.check_names(&["id", "event", "actor"]);
        let mut event = match read.and_then(|()| PushedEvent::from_kept(&rejection.raw)) {
            Ok(event) => event,
            Err(reason) => return Ok(Err(reason)),
        };
        if let (Some(target), None) = (&event.target, &event.target_author) {
            event.target_author = match authors.get(target) {
                Some(author) => Some(author.clone()),
                None => log.store().get_author(&self.rows.source, target).await?,
            };
        }
        Ok(self.admit_pushed(&self.door(rejection), &event))
    }

    fn admit_pushed(&self, door: &Door<'_>, event: &PushedEvent) -> Result<Admitted, String> {
        let properties = event.properties();
        let admitted = door.check(event.row(&properties))?;
        let artifact = event.artifact.clone();
        let artifact = artifact.filter(|name| door.personal_data.check_kept("", name).is_ok());
        let author = artifact.map(|artifact| (artifact, admitted.row().actor.to_owned()));
        Ok((self.admit(door, event.row(&properties))?, author))
    }

    fn admit(&self, door: &Door<'_>, row: Row<'_>) -> Result<Chunk, String> {
        let mut chunk = ChunkBuilder::new(&self.rows.source, door.now_us);
        door.admit(row, &mut chunk)?;
        Ok(chunk.finish())
    }

    /// Checks that the fields which say what happened to whom are not kept from us as personal data.
    fn check_names(&self, names: &[&str]) -> Result<(), String> {
        match names.iter().find(|name| self.rows.personal_data.is_personal(name)) {
            Some(name) => Err(format!(
                "its `{name}` is a field of personal data, so it was not kept as it came: the source \
                 has to deliver it again"
            )),
            None => Ok(()),
        }
    }

    fn door(&self, rejection: &StoredRejection) -> Door<'_> {
        Door {
            integrity: self.rows.integrity,
            personal_data: &self.rows.personal_data,
            now_us: rejection.rejected_at_us,
        }
    }
}

/// Why something was turned away, without what an earlier replay added.
fn first_reason(reason: &str) -> &str {
    let added = ["; its words may be", "; only a part"];
    added.iter().fold(reason, |reason, added| reason.split(added).next().unwrap_or_default())
}
