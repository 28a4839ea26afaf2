//! A PostgreSQL server of the test's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Waits for its standard input to end, as it does when the test's process ends, and then stops the
/// server and removes its folder.
const STOP_AT_THE_END: &str =
    r#"trap "" INT TERM; read -r _; "$0/pg_ctl" stop -D "$1/data" -m immediate -s; rm -rf "$1""#;

/// The user PostgreSQL runs as where the tests run as root, which it refuses.
const SERVER_USER: &str = "postgres";

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    binaries: PathBuf,
    folder: PathBuf,
    /// Stops the server when its standard input is closed.
    _guard: Child,
}

impl Server {
    /// Makes a cluster in a temporary folder and starts a server on it.
    pub(crate) fn start() -> Self {
        let binaries = find_binaries();
        let folder = make_folder();
        let (data, socket) = (folder.join("data"), folder.display());
        let data = data.display();
        // It is the test's: nothing has to survive a power cut.
        run(as_server(&binaries.join("initdb")).args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-sync",
            &format!("--pgdata={data}"),
        ]));
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{socket}' -c fsync=off \
             -c full_page_writes=off -c max_connections=200"
        );
        run(as_server(&binaries.join("pg_ctl")).args([
            "start",
            "--wait",
            "--silent",
            &format!("--pgdata={data}"),
            &format!("--log={socket}/log"),
            &format!("--options={options}"),
        ]));
        let guard = as_server(Path::new("sh"))
            .args(["-c", STOP_AT_THE_END])
            .args([&binaries, &folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh runs");
        Self { binaries, folder, _guard: guard }
    }

    /// Makes an empty database.
    pub(crate) fn create_database(&self, name: &str) {
        let mut createdb = Command::new(self.binaries.join("createdb"));
        run(createdb.args(["--username=postgres", "--host"]).arg(&self.folder).arg(name));
    }

    /// Where a database is.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://postgres@localhost/{name}?host={}", self.folder.display())
    }
}

/// The folder with `initdb` and `pg_ctl`, of the newest version that Debian's packages installed.
fn find_binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let binaries = versions.map(|version| version.path().join("bin"));
    let newest = binaries.filter(|binaries| binaries.join("initdb").exists()).max();
    newest.expect("PostgreSQL is not installed: apt-get install postgresql")
}

/// A new folder that belongs to whom the server runs as.
fn make_folder() -> PathBuf {
    let mut mktemp = as_server(Path::new("mktemp"));
    // A path of a socket may have no more than 107 bytes.
    let output = mktemp.args(["-d", "/tmp/pg-test-XXXXXX"]).output().expect("mktemp runs");
    assert!(output.status.success(), "mktemp: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a path in UTF-8").trim_end().into()
}

/// A command as the server's user.
fn as_server(program: &Path) -> Command {
    let is_root = Path::new("/proc/self")
        .metadata()
        .is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.current_dir("/").args(["--user", SERVER_USER, "--"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
