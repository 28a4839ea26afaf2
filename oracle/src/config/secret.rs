//! Secrets, which are in the environment and never in a file.

use std::fmt;

use super::ConfigError;

/// A secret from the environment; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads the secret that a key's environment variable holds.
    ///
    /// # Errors
    /// [`ConfigError::Secret`] when it is not set or empty.
    pub fn from_env(key: &str, variable: &str) -> Result<Self, ConfigError> {
        match std::env::var(variable) {
            Ok(secret) if !secret.is_empty() => Ok(Self(secret)),
            _ => Err(ConfigError::Secret { key: key.to_owned(), variable: variable.to_owned() }),
        }
    }

    /// A secret that is known already.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for whoever needs it to sign or to check.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("swordfish")), "Secret(…)");
        let error = Secret::from_env("source.club.secret_env", "STK_NOT_SET").unwrap_err();
        let expected = "source.club.secret_env: the environment variable STK_NOT_SET is not set";
        assert_eq!(error.to_string(), expected);
    }
}
