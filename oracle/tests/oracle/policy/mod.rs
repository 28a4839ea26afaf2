//! Rule books checked, said in words and tried, as who runs an oracle does it.

mod check;
mod diff;
mod explain;
mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::real_export::EXPORT;

/// The example rule books.
pub(crate) const PRESETS: [&str; 4] = ["contribution", "learning-community", "points-v4", "stk-v3"];

/// An example rule book's path.
pub(crate) fn preset(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/policies");
    folder.join(format!("{name}.toml")).to_str().unwrap().to_owned()
}

/// A folder in which stk-oracle runs.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the real export in its log.
    pub(crate) fn with_export() -> Self {
        let home = Self::new();
        home.write("export.jsonl.gz", EXPORT);
        home.run_well(&["import", "export.jsonl.gz"]);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and gives its name back.
    pub(crate) fn write<'a>(&self, name: &'a str, content: impl AsRef<[u8]>) -> &'a str {
        std::fs::write(self.path(name), content).unwrap();
        name
    }

    /// stk-oracle with these arguments, not yet run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        command.args(arguments).current_dir(self.0.path());
        command.env_remove("DATABASE_URL").env_remove("STK_ORACLE_CONFIG");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that must succeed prints.
    pub(crate) fn run_well(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run_well(&[arguments, &["--output", "json"]].concat())).unwrap()
    }

    /// What a command that must fail says on standard error.
    pub(crate) fn run_badly(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        error
    }
}
