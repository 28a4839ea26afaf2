//! The configuration file of `stk-oracle`: where its data are, what it keeps to, which sources it has.
//!
//! Secrets are never in the file: it names the environment variables that hold them.

mod cluster;
mod oracle_key;
mod run;
mod secret;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use cluster::{ClusterSettings, SubmitSettings};
pub use oracle_key::OracleKeySettings;
pub use run::RunSettings;
pub use secret::Secret;
pub use source::{
    CaptureSettings, ColumnNames, Counted, Delivery, DiscourseSettings, FilesSettings,
    GithubSettings, HypothesisSettings, NocodbSettings, PosthogQuerySettings,
    PosthogWebhookSettings, SourceKind, SourceSettings, TelegramSettings,
};

use crate::ingest::{Integrity, PersonalData, PersonalDataError, PersonalField, Salt};
use crate::segments::DailyLimits;
use crate::statement;

/// Everything in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The database, `sqlite://file.db?mode=rwc` or `postgres://…`; `DATABASE_URL` goes before it.
    #[serde(default = "default_database_url")]
    pub database_url: String,
    /// The folder of the event log and everything else that is kept in files.
    #[serde(default = "default_data_dir")]
    pub data_dir: PathBuf,
    /// The rule book, where there is one; see [`Config::policy_files`].
    #[serde(default)]
    policy: Option<PathBuf>,
    /// The rule books, where rules have changed: each holds from its `holds_from_epoch` on.
    #[serde(default)]
    policies: Vec<PathBuf>,
    /// Where `stk-oracle serve` listens.
    #[serde(default = "default_listen")]
    pub listen: String,
    /// Where the oracle's key is, if it signs.
    #[serde(default)]
    pub oracle_key: Option<OracleKeySettings>,
    /// How members prove their wallets.
    #[serde(default)]
    pub linking: LinkingSettings,
    /// What every event must keep to.
    #[serde(default)]
    pub integrity: Integrity,
    /// What may not come in.
    #[serde(default)]
    pub personal_data: PersonalDataSettings,
    /// When an epoch may close.
    #[serde(default)]
    pub readiness: ReadinessSettings,
    /// Which cluster members are paid on.
    #[serde(default)]
    pub cluster: ClusterSettings,
    /// What may be spent on it.
    #[serde(default)]
    pub submit: SubmitSettings,
    /// What `stk-oracle run` does by itself.
    #[serde(default)]
    pub run: RunSettings,
    /// The community's tools.
    #[serde(rename = "source", default)]
    pub sources: Vec<SourceSettings>,
}

/// How members prove their wallets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkingSettings {
    /// The domain that wallets show to those who sign.
    pub domain: String,
    /// Its address.
    pub uri: String,
    /// The chain that is named: `mainnet`, `devnet`, `testnet` or `localnet`.
    pub chain: String,
    /// How long a challenge can be signed, seconds.
    pub challenge_seconds: u32,
    /// How long a member's code is good, seconds.
    pub code_seconds: u32,
}

/// Which fields hold personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonalDataSettings {
    /// The environment variable with the salt, 16 bytes or more.
    pub salt_env: Option<String>,
    /// What is done with which field; fields not named here keep to the default rules.
    pub fields: BTreeMap<String, PersonalField>,
}

/// When an epoch may close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadinessSettings {
    /// How far our count of a source's events may be from its own, percent.
    pub tolerance_percent: u16,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// No TOML, or a key that is unknown, missing or of another type; names line and key.
    #[error("{path}: {error}", path = path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        error: Box<toml::de::Error>,
    },
    /// Two sources have one name, or a name that cannot be part of an address.
    #[error("source `{0}`: a source needs a name of its own: small letters, digits, - and _")]
    SourceName(String),
    /// A source would take the name under which statements are kept.
    #[error("source `{0}`: this name is kept for what members sign: give it another")]
    ReservedSource(String),
    /// A source's events cannot be filed under the one that it names.
    #[error(
        "source.{name}.events_of: there is no source `{events_of}` of the kind posthog_query or \
         files: name the one that pulls the same project"
    )]
    EventsOf {
        /// The source.
        name: String,
        /// What it names.
        events_of: String,
    },
    /// The rule book is named in two ways.
    #[error("policy and policies: name the rule books in one of them, not in both")]
    Policies,
    /// The times of the daemon are none.
    #[error(
        "run.cron: `{pattern}`: {problem}: expected five fields, minute hour day month weekday"
    )]
    Cron {
        /// What is there.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A secret is not in the environment.
    #[error("{key}: the environment variable {variable} is not set")]
    Secret {
        /// The key that names the variable.
        key: String,
        /// The variable.
        variable: String,
    },
    /// A secret does not protect.
    #[error("{key}: the secret is of no use: {problem}")]
    WeakSecret {
        /// The key that names the secret's variable.
        key: String,
        /// What is wrong with it, and what would be right.
        problem: &'static str,
    },
    /// A source's ids have to be hashed, and there is no salt.
    #[error("{key}: {whose} are personal data, which is hashed: set personal_data.salt_env")]
    NoSalt {
        /// The source's key.
        key: String,
        /// What has to be hashed.
        whose: &'static str,
    },
    /// The rules for personal data do not go together.
    #[error("personal_data: {0}")]
    PersonalData(#[from] PersonalDataError),
}

impl Default for LinkingSettings {
    fn default() -> Self {
        Self {
            domain: "localhost".to_owned(),
            uri: "http://localhost".to_owned(),
            chain: "mainnet".to_owned(),
            challenge_seconds: 600,
            code_seconds: 86_400,
        }
    }
}

impl Default for ReadinessSettings {
    fn default() -> Self {
        Self { tolerance_percent: 3 }
    }
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigError`] names the line or the key, and what would be right.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Read { path: path.to_owned(), error })?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|error| ConfigError::Toml { path: path.to_owned(), error: Box::new(error) })?;
        if config.policy.is_some() && !config.policies.is_empty() {
            return Err(ConfigError::Policies);
        }
        config.check_source_names()?;
        config.check_events_of()?;
        // A path in the file is meant from the file's folder.
        if let Some(folder) = path.parent() {
            config.data_dir = folder.join(&config.data_dir);
            config.policy = config.policy.map(|policy| folder.join(policy));
            config.oracle_key = config.oracle_key.map(|key| key.relative_to(folder));
            config.cluster.payer = config.cluster.payer.map(|payer| folder.join(payer));
            config.policies = config.policies.iter().map(|policy| folder.join(policy)).collect();
        }
        Ok(config)
    }

    /// The configuration when there is no file: no sources, data in the working folder.
    ///
    /// # Panics
    /// Never: every key has a default.
    pub fn without_file() -> Self {
        toml::from_str("").expect("every key has a default")
    }

    /// The files of the rule books; none when there is no rule book.
    pub fn policy_files(&self) -> Vec<&Path> {
        self.policy.iter().chain(&self.policies).map(PathBuf::as_path).collect()
    }

    /// The rules for personal data, with the salt from the environment.
    ///
    /// # Errors
    /// [`ConfigError`] when the salt is missing or too short.
    pub fn personal_data(&self) -> Result<PersonalData, ConfigError> {
        let settings = &self.personal_data;
        let salt = match &settings.salt_env {
            Some(variable) => {
                let secret = Secret::from_env("personal_data.salt_env", variable)?;
                Some(Salt::new(secret.reveal())?)
            }
            None => None,
        };
        let mut fields = PersonalData::default_fields();
        fields.extend(settings.fields.clone());
        Ok(PersonalData::new(fields, salt)?)
    }

    /// How many events of one member count on one day.
    pub fn daily_limits(&self) -> DailyLimits {
        let own = self.sources.iter().filter(|source| source.kind.events_of().is_none());
        let own = own.filter_map(|source| {
            let integrity = source.integrity?;
            Some((source.name.clone(), integrity.max_events_per_day))
        });
        // Who is busy elsewhere may state as much as others.
        let statements = (statement::SOURCE.to_owned(), Some(statement::MAX_EVENTS_PER_DAY));
        let own = own.chain([statements]).collect();
        DailyLimits { general: self.integrity.max_events_per_day, own }
    }

    /// A PostHog source's settings, no faster than any other source of its project or key may ask:
    /// they share what PostHog allows.
    pub fn with_shared_rates(&self, settings: &PosthogQuerySettings) -> PosthogQuerySettings {
        let mut slowest = settings.clone();
        for source in &self.sources {
            if let SourceKind::PosthogQuery(other) = &source.kind
                && other.host == settings.host
                && (other.project_id == settings.project_id || other.key_env == settings.key_env)
            {
                let PosthogQuerySettings { requests_per_minute, requests_per_hour, .. } = other;
                slowest.requests_per_minute = slowest.requests_per_minute.min(*requests_per_minute);
                slowest.requests_per_hour = slowest.requests_per_hour.min(*requests_per_hour);
            }
        }
        slowest
    }

    /// What the events of a source must keep to: its own rules if it has any, else everybody's.
    pub fn integrity_of(&self, source: &str) -> Integrity {
        self.source(source).and_then(|source| source.integrity).unwrap_or(self.integrity)
    }

    /// A source by its name.
    pub fn source(&self, name: &str) -> Option<&SourceSettings> {
        self.sources.iter().find(|source| source.name == name)
    }

    fn check_events_of(&self) -> Result<(), ConfigError> {
        for source in &self.sources {
            let Some(events_of) = source.kind.events_of() else { continue };
            if !self.source(events_of).is_some_and(|named| named.kind.takes_events()) {
                let (name, events_of) = (source.name.clone(), events_of.to_owned());
                return Err(ConfigError::EventsOf { name, events_of });
            }
        }
        Ok(())
    }

    fn check_source_names(&self) -> Result<(), ConfigError> {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let mut names = std::collections::BTreeSet::new();
        for SourceSettings { name, .. } in &self.sources {
            if name.is_empty() || !name.chars().all(is_part) || !names.insert(name) {
                return Err(ConfigError::SourceName(name.clone()));
            }
            if name == statement::SOURCE {
                return Err(ConfigError::ReservedSource(name.clone()));
            }
        }
        Ok(())
    }
}

fn default_database_url() -> String {
    "sqlite://stk-oracle.db?mode=rwc".to_owned()
}

fn default_data_dir() -> PathBuf {
    "stk-oracle-data".into()
}

fn default_listen() -> String {
    "127.0.0.1:8787".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("oracle.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    #[test]
    fn an_empty_file_has_every_default() {
        let config = read("").unwrap();
        assert!(config.sources.is_empty());
        assert_eq!(config.integrity.max_events_per_day, Some(100));
        assert_eq!(config.readiness.tolerance_percent, 3);
        assert!(config.data_dir.is_absolute());
    }

    #[test]
    fn the_example_is_read_and_says_the_defaults() {
        let config = read(include_str!("../../../examples/oracle.toml")).unwrap();
        let kinds: Vec<_> = config.sources.iter().map(|source| source.kind.name()).collect();
        assert_eq!(kinds.len(), 9, "{kinds:?}");
        assert_eq!(config.integrity, Integrity::default());
        assert_eq!(config.linking, LinkingSettings::default());
        assert_eq!(config.readiness, ReadinessSettings::default());
        assert!(config.personal_data().is_ok());
        assert!(!config.source("exports").unwrap().required);
    }

    #[test]
    fn a_source_with_rules_of_its_own_has_a_daily_limit_of_its_own() {
        let source = |name: &str, more: &str| {
            format!(
                "[[source]]\nname = \"{name}\"\nkind = \"capture\"\ntoken_env = \"T\"\n{more}\n"
            )
        };
        let text = [
            "integrity = { max_events_per_day = 7 }\n",
            &source("a", ""),
            &source("b", "integrity = { max_events_per_day = 500 }"),
            &source("c", "integrity = { max_age_days = 30 }"),
        ];
        let limits = read(&text.concat()).unwrap().daily_limits();
        assert_eq!(limits.general, Some(7));
        // What such a source leaves out has the default
        let own = [("b", 500), ("c", 100), ("statements", 1_000)];
        assert_eq!(limits.own, own.map(|(name, limit)| (name.to_owned(), Some(limit))).into());
    }

    #[test]
    fn events_are_filed_under_a_source_that_pulls_and_no_epoch_waits_for_the_second_way() {
        let files = "[[source]]\nname = \"posthog\"\nkind = \"files\"\nlocation = \"x\"\n";
        let pushes = |kind: &str, secret: &str, of: &str| {
            format!(
                "{files}[[source]]\nname = \"push\"\nkind = \"{kind}\"\n{secret} = \"S\"\n\
                 events_of = \"{of}\"\nintegrity = {{ max_events_per_day = 1 }}\n"
            )
        };
        for (kind, secret) in [("posthog_webhook", "secret_env"), ("capture", "token_env")] {
            let config = read(&pushes(kind, secret, "posthog")).unwrap();
            let push = config.source("push").unwrap();
            assert_eq!((push.filed_under(), push.is_waited_for()), ("posthog", false));
            let posthog = config.source("posthog").unwrap();
            assert_eq!((posthog.filed_under(), posthog.is_waited_for()), ("posthog", true));
            let own: Vec<_> = config.daily_limits().own.into_keys().collect();
            assert_eq!(own, ["statements"]);
            for wrong in ["posthgo", "push", ""] {
                let error = read(&pushes(kind, secret, wrong)).unwrap_err().to_string();
                let said = format!("source.push.events_of: there is no source `{wrong}`");
                assert!(error.starts_with(&said), "{error}");
            }
        }
        assert!(read(&pushes("github", "secret_env", "posthog")).is_err());
    }

    #[test]
    fn the_slowest_source_of_a_project_or_key_decides() {
        let source = |name: &str, project: &str, key: &str, hour: u32| {
            format!(
                "[[source]]\nname = \"{name}\"\nkind = \"posthog_query\"\n\
                 host = \"https://eu.posthog.com\"\nproject_id = \"{project}\"\n\
                 key_env = \"{key}\"\nstart_at = \"2026-01-01T00:00:00Z\"\n\
                 requests_per_hour = {hour}\n"
            )
        };
        let text = [source("a", "1", "K", 2_400), source("b", "1", "L", 120)].concat();
        let text = [text, source("c", "2", "L", 500), source("d", "3", "M", 900)].concat();
        let config = read(&text).unwrap();
        let rates = config.sources.iter().map(|source| match &source.kind {
            SourceKind::PosthogQuery(settings) => {
                config.with_shared_rates(settings).requests_per_hour.get()
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(rates.collect::<Vec<_>>(), [120, 120, 120, 900]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let error = read("listen = \"x\"\nlissen = 1\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("lissen"), "{error}");
        let twice =
            "[[source]]\nname = \"club\"\nkind = \"capture\"\ntoken_env = \"T\"\n".repeat(2);
        assert!(matches!(read(&twice), Err(ConfigError::SourceName(name)) if name == "club"));
        assert!(read(&twice.replace("club", "a/b")).is_err());
    }

    #[test]
    fn rule_books_are_named_in_one_way() {
        let files = |text: &str| {
            let config = read(text).unwrap();
            let names = config.policy_files().into_iter().filter_map(Path::file_name);
            names.map(|name| name.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(files(""), [""; 0]);
        assert_eq!(files("policy = \"a.toml\""), ["a.toml"]);
        assert_eq!(files("policies = [\"a.toml\", \"b.toml\"]"), ["a.toml", "b.toml"]);
        let both = read("policy = \"a.toml\"\npolicies = [\"b.toml\"]").unwrap_err();
        assert!(matches!(both, ConfigError::Policies), "{both}");
    }

    #[test]
    fn no_source_is_called_as_that_of_statements_is() {
        let reserved = "source `statements`: this name is kept for what members sign";
        for kind in [
            "capture\"\ntoken_env = \"T\"",
            "github\"\nsecret_env = \"T\"",
            "files\"\nlocation = \"x\"",
        ] {
            let text = format!("[[source]]\nname = \"statements\"\nkind = \"{kind}\n");
            let error = read(&text).unwrap_err().to_string();
            assert!(error.starts_with(reserved), "{error}");
        }
        let push = "[[source]]\nname = \"push\"\nkind = \"capture\"\ntoken_env = \"T\"\n\
                    events_of = \"statements\"\n";
        assert!(matches!(read(push), Err(ConfigError::EventsOf { .. })));
    }
}
