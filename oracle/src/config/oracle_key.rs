//! Where the oracle's key is: `[oracle_key]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use solana_address::Address;

use crate::epoch::SignerCommand;

/// Where the oracle's key is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Section")]
pub enum OracleKeySettings {
    /// A file as solana-keygen writes it that only its owner can read.
    Keypair(PathBuf),
    /// The environment variable that holds the key.
    Env(String),
    /// A command that signs.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
        /// The public key of the key that it signs with.
        oracle: Address,
        /// How long it may take.
        timeout: Duration,
    },
}

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    keypair: Option<PathBuf>,
    env: Option<String>,
    command: Option<Vec<String>>,
    oracle: Option<String>,
    timeout_seconds: Option<u32>,
}

impl OracleKeySettings {
    /// The same, with its file meant from a folder.
    pub(super) fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::Keypair(path) => Self::Keypair(folder.join(path)),
            other => other,
        }
    }
}

impl TryFrom<Section> for OracleKeySettings {
    type Error = String;

    fn try_from(section: Section) -> Result<Self, String> {
        let Section { keypair, env, command, oracle, timeout_seconds } = section;
        let of_command = oracle.is_some() || timeout_seconds.is_some();
        match (keypair, env, command) {
            (Some(path), None, None) if !of_command => Ok(Self::Keypair(path)),
            (None, Some(variable), None) if !of_command => Ok(Self::Env(variable)),
            (None, None, Some(command)) => {
                if command.first().is_none_or(String::is_empty) {
                    return Err("command: name a program and its arguments".to_owned());
                }
                let oracle = oracle.ok_or("command: name the oracle whose key it signs with")?;
                let oracle =
                    oracle.parse().map_err(|_| format!("oracle: `{oracle}` is no address"))?;
                let timeout = match timeout_seconds {
                    Some(0) => return Err("timeout_seconds: a command needs time".to_owned()),
                    Some(seconds) => Duration::from_secs(seconds.into()),
                    None => SignerCommand::TIMEOUT,
                };
                Ok(Self::Command { command, oracle, timeout })
            }
            (None, None, None) => Err("name the key: keypair, env, or command".to_owned()),
            (keypair, env, command) => {
                let kinds = [keypair.is_some(), env.is_some(), command.is_some()];
                Err(match kinds.iter().filter(|kind| **kind).count() {
                    1 => "oracle and timeout_seconds belong to a command".to_owned(),
                    _ => "name one key: keypair, env or command, not several".to_owned(),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORACLE: &str = "SysvarC1ock11111111111111111111111111111111";

    fn read(text: &str) -> Result<OracleKeySettings, String> {
        toml::from_str(&text.replace("ADDRESS", ORACLE)).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_is_read() {
        let file = read("keypair = \"oracle.json\"").unwrap();
        assert_eq!(file, OracleKeySettings::Keypair("oracle.json".into()));
        let there = file.relative_to(Path::new("/etc/stk"));
        assert_eq!(there, OracleKeySettings::Keypair("/etc/stk/oracle.json".into()));
        let variable = OracleKeySettings::Env("STK_ORACLE_KEY".to_owned());
        assert_eq!(read("env = \"STK_ORACLE_KEY\""), Ok(variable));
        let command = |timeout| {
            let command = ["ssh", "hsm", "sign"].map(str::to_owned).to_vec();
            let (oracle, timeout) = (ORACLE.parse().unwrap(), Duration::from_secs(timeout));
            OracleKeySettings::Command { command, oracle, timeout }
        };
        let text = "command = [\"ssh\", \"hsm\", \"sign\"]\noracle = \"ADDRESS\"\n";
        assert_eq!(read(text), Ok(command(30)));
        assert_eq!(read(&format!("{text}timeout_seconds = 300")), Ok(command(300)));
    }

    #[test]
    fn what_is_no_one_key_is_refused() {
        for (text, because) in [
            ("", "name the key: keypair, env, or command"),
            ("keypair = \"a\"\nenv = \"B\"", "name one key"),
            ("keypair = \"a\"\ncommand = [\"b\"]\noracle = \"ADDRESS\"", "name one key"),
            ("env = \"A\"\ncommand = [\"b\"]", "name one key"),
            ("keypair = \"a\"\noracle = \"ADDRESS\"", "oracle and timeout_seconds belong to"),
            ("env = \"A\"\ntimeout_seconds = 3", "oracle and timeout_seconds belong to"),
            ("command = []\noracle = \"ADDRESS\"", "name a program"),
            ("command = [\"\"]\noracle = \"ADDRESS\"", "name a program"),
            ("command = [\"a\"]", "name the oracle"),
            ("command = [\"a\"]\noracle = \"me\"", "oracle: `me` is no address"),
            ("command = [\"a\"]\noracle = \"ADDRESS\"\ntimeout_seconds = 0", "needs time"),
            ("command = \"a b\"\noracle = \"ADDRESS\"", "expected a sequence"),
            ("key = \"a\"", "unknown field `key`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(because), "{text}: {error}");
        }
    }
}
