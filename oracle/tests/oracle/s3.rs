//! A real S3 server, which scripts/s3-server.sh installed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use tokio::time::Instant;

/// Keys that the server takes.
const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", "eu-central-1"),
];

/// The server; it stops with the test.
pub(crate) struct S3Server {
    process: Child,
    client: Client,
    pub(crate) endpoint: String,
}

impl S3Server {
    /// Starts it, with a bucket.
    pub(crate) async fn start(bucket: &str) -> Self {
        let program = program();
        assert!(program.exists(), "{} is not there: run scripts/s3-server.sh", program.display());
        // A port that nobody has: the server cannot choose one itself.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let endpoint = format!("http://127.0.0.1:{port}");
        let server = Self { process, client: Client::new(), endpoint };
        let deadline = Instant::now() + Duration::from_secs(30);
        while server.put(bucket, Vec::new()).await.is_err() {
            assert!(Instant::now() < deadline, "the S3 server does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// Makes a bucket, or a file in one.
    pub(crate) async fn put(&self, path: &str, content: Vec<u8>) -> reqwest::Result<()> {
        let request = self.client.put(format!("{}/{path}", self.endpoint)).body(content);
        // moto lets in whoever names a key, signed or not.
        let key = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, \
                   SignedHeaders=host, Signature=0";
        let response = request.header("authorization", key).send().await?;
        response.error_for_status().map(drop)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Runs a test of this program in an environment that has the keys: they come from nowhere else.
pub(crate) fn run_with_keys(test: &str, more: &[(&str, &str)]) {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs(KEYS)
        .envs(more.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{}{said}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("1 passed"), "{test} is no test: {said}");
}

fn program() -> PathBuf {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| {
        PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token")
    });
    cache.join("s3-server/bin/moto_server")
}
