//! Which cluster, keypair and mint a command uses: an option, else the environment, else the Solana
//! command line's configuration file, else that command line's defaults.

mod cluster;
mod config_file;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::parser::ValueSource;
use solana_address::Address;
use system_token_chain::CommitmentLevel;

use crate::arguments::Parsed;
use config_file::ConfigFile;

/// What `solana config get` says without a configuration file.
const DEFAULT_URL: &str = "https://api.mainnet-beta.solana.com";

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An option of the command line.
    Option(&'static str),
    /// A variable of the environment.
    Environment(&'static str),
    /// The configuration file.
    ConfigFile,
    /// Nowhere: it is the default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => write!(f, "--{name}"),
            Self::Environment(name) => f.write_str(name),
            Self::ConfigFile => f.write_str("the configuration file"),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// A setting and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// How certain the chain must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Commitment(CommitmentLevel);

impl Commitment {
    pub(crate) fn level(self) -> CommitmentLevel {
        self.0
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Commitment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let level = text.parse();
        level.map(Self).map_err(|_| "expected processed, confirmed or finalized".to_owned())
    }
}

/// What the commands use.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The configuration file that was looked for, whether or not it is there.
    pub(crate) config: Setting<PathBuf>,
    pub(crate) config_found: bool,
    pub(crate) url: Setting<String>,
    pub(crate) keypair: Setting<PathBuf>,
    pub(crate) commitment: Setting<Commitment>,
    pub(crate) mint: Option<Setting<Address>>,
}

impl Settings {
    /// Looks each setting up.
    ///
    /// # Errors
    /// When the configuration file cannot be read, or is named and not there.
    pub(crate) fn resolve(parsed: &Parsed) -> anyhow::Result<Self> {
        let options = &parsed.arguments.global;
        let origin =
            |name: &'static str, variable: &'static str| match parsed.matches.value_source(name) {
                Some(ValueSource::EnvVariable) => Origin::Environment(variable),
                _ => Origin::Option(name),
            };
        let config = match options.config.clone() {
            Some(value) => Setting { value, origin: origin("config", "STK_CONFIG") },
            None => Setting { value: config_file::default_path(), origin: Origin::Default },
        };
        let file = ConfigFile::read(&config)?;
        let config_found = file.is_some();
        let file = file.unwrap_or_default();
        let url = first((options.url.clone(), origin("url", "STK_URL")), file.json_rpc_url, || {
            DEFAULT_URL.to_owned()
        });
        let commitment = first(
            (options.commitment, origin("commitment", "STK_COMMITMENT")),
            file.commitment.as_deref().and_then(|level| level.parse().ok()),
            || Commitment(CommitmentLevel::Confirmed),
        );
        let keypair = first(
            (options.keypair.clone(), origin("keypair", "STK_KEYPAIR")),
            file.keypair_path.map(PathBuf::from),
            config_file::default_keypair_path,
        );
        let mint_origin = origin("mint", "STK_MINT");
        Ok(Self {
            config,
            config_found,
            url: Setting { value: cluster::url(&url.value)?, origin: url.origin },
            keypair,
            commitment,
            mint: options.mint.map(|value| Setting { value, origin: mint_origin }),
        })
    }
}

/// What was given, else what the file says, else the default.
fn first<T>(
    (given, origin): (Option<T>, Origin),
    in_file: Option<T>,
    default: impl FnOnce() -> T,
) -> Setting<T> {
    match (given, in_file) {
        (Some(value), _) => Setting { value, origin },
        (None, Some(value)) => Setting { value, origin: Origin::ConfigFile },
        (None, None) => Setting { value: default(), origin: Origin::Default },
    }
}
