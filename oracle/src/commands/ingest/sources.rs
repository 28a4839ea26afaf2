//! Which sources are asked, and by which adapter.

use std::pin::Pin;

use anyhow::bail;

use super::super::Opened;
use crate::config::{Counted, Delivery, Secret, SourceKind, SourceSettings};
use crate::ingest::file::{FileImport, FilesSource};
use crate::ingest::hypothesis::Hypothesis;
use crate::ingest::posthog::{Patience, PosthogQuery, SharedLimits};
use crate::ingest::pull::{PullError, PullSource, Pulled};
use crate::segments::EventLog;

/// What a source will have answered.
type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, PullError>> + Send + 'a>>;

/// Any [`PullSource`], behind a pointer.
pub(super) trait AnySource: Send + Sync {
    /// [`PullSource::pull`].
    fn pull<'a>(&'a self, log: &'a EventLog) -> Answering<'a, Pulled>;
    /// [`PullSource::count`].
    fn count(&self, from_us: i64, to_us: i64) -> Answering<'_, Option<u64>>;
}

impl<S: PullSource + Send + Sync> AnySource for S {
    fn pull<'a>(&'a self, log: &'a EventLog) -> Answering<'a, Pulled> {
        Box::pin(PullSource::pull(self, log))
    }

    fn count(&self, from_us: i64, to_us: i64) -> Answering<'_, Option<u64>> {
        Box::pin(PullSource::count(self, from_us, to_us))
    }
}

/// A source that is asked.
pub(super) struct Pulls {
    /// Its name.
    pub(super) name: String,
    settings: SourceSettings,
    /// What it shares with the others that are read beside it.
    limits: SharedLimits,
}

/// The sources of these names that are asked; all of them when there are no names.
pub(super) fn chosen(opened: &Opened, names: &[String]) -> anyhow::Result<Vec<Pulls>> {
    for name in names {
        let Some(source) = opened.config.source(name) else {
            let known: Vec<_> =
                opened.config.sources.iter().map(|source| source.name.as_str()).collect();
            bail!(
                "there is no source `{name}` in the configuration; there are: {}",
                known.join(", ")
            );
        };
        if !is_pulled(&source.kind) {
            bail!("source `{name}` is not asked: its events are pushed to stk-oracle serve");
        }
    }
    let chosen = |source: &&SourceSettings| {
        is_pulled(&source.kind) && (names.is_empty() || names.contains(&source.name))
    };
    let limits = SharedLimits::default();
    let pulls = |source: &SourceSettings| Pulls {
        name: source.name.clone(),
        settings: source.clone(),
        limits: limits.clone(),
    };
    Ok(opened.config.sources.iter().filter(chosen).map(pulls).collect())
}

fn is_pulled(kind: &SourceKind) -> bool {
    kind.delivery() == Delivery::Pulled
}

impl Pulls {
    /// Which of its events the source counts.
    pub(super) fn counted(&self) -> Counted<'_> {
        self.settings.kind.counted()
    }

    /// The source's adapter.
    ///
    /// # Errors
    /// [`PullError::Fix`] says which setting or secret is wrong.
    pub(super) fn adapter(&self, opened: &Opened) -> Result<Box<dyn AnySource>, PullError> {
        let fix = |error: &dyn std::fmt::Display| PullError::Fix(error.to_string());
        let integrity = opened.config.integrity_of(&self.name);
        let personal_data = opened.config.personal_data().map_err(|error| fix(&error))?;
        let secret = |field: &str, variable: &str| {
            Secret::from_env(&format!("source.{}.{field}", self.name), variable)
                .map_err(|error| fix(&error))
        };
        match &self.settings.kind {
            SourceKind::PosthogQuery(settings) => Ok(Box::new(PosthogQuery::new(
                &self.name,
                opened.config.with_shared_rates(settings),
                secret("key_env", &settings.key_env)?,
                integrity,
                personal_data,
                Patience::default(),
                &self.limits,
            )?)),
            SourceKind::Hypothesis(settings) => Ok(Box::new(Hypothesis::new(
                &self.name,
                settings.clone(),
                secret("token_env", &settings.token_env)?,
                integrity,
                personal_data,
            )?)),
            SourceKind::Files(settings) => {
                let import = FileImport {
                    source: self.name.clone(),
                    integrity,
                    personal_data,
                    columns: settings.columns.clone(),
                    batch_rows: FileImport::BATCH_ROWS,
                };
                Ok(Box::new(FilesSource::new(import, settings).map_err(|error| fix(&error))?))
            }
            other => Err(PullError::Fix(format!(
                "source `{}`: this version of stk-oracle has no adapter for {}",
                self.name,
                other.name()
            ))),
        }
    }
}
