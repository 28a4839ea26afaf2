//! Bundles and signatures from elsewhere: a web server, a bucket, another folder. None is believed.

use std::fs;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Attestation;
use system_token_oracle::bundles::{BundleError, BundleFolder, BundleSource, RemoteError};
use system_token_oracle::epoch::{LocalKey, SignedEpoch};
use tower_http::services::ServeDir;

use super::keys::attestation;
use super::signing::write_key;
use super::{MINT, bundles, close, closing_home};
use crate::policy::Home;
use crate::s3::{self, S3Server};

/// Serves, until the test is over.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    url
}

async fn serve_folder(folder: &Path) -> String {
    serve(Router::new().nest_service("/public/bundles", ServeDir::new(folder))).await
        + "/public/bundles"
}

/// A folder for bundles, empty.
struct Into {
    home: Home,
    folder: BundleFolder,
}

impl Into {
    fn new() -> Self {
        let home = Home::new();
        let folder = BundleFolder::new(home.path("bundles"));
        Self { home, folder }
    }

    /// Everything that is in the folder, by name.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.home.path("bundles")) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    async fn fetch(&self, url: &str, epoch: u64) -> Result<bool, RemoteError> {
        BundleSource::open(url).unwrap().fetch(epoch, &self.folder).await
    }
}

/// Who publishes: its bundles, and where they are.
fn publisher(epochs: &str) -> (Home, PathBuf) {
    let home = closing_home();
    close(&home, epochs);
    let folder = bundles(&home);
    (home, folder)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let copy = to.join(entry.file_name().unwrap());
        match entry.is_dir() {
            true => self::copy(&entry, &copy),
            false => drop(fs::copy(&entry, &copy).unwrap()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_fetched_from_a_web_server_and_witnessed() {
    let publisher = closing_home();
    let closed = close(&publisher, "52");
    let url = serve_folder(&bundles(&publisher)).await;
    let witness = Home::new();
    let arguments = ["witness", "--mint", MINT, "--from", &url];
    assert_eq!(witness.json(&arguments)["epochs"], serde_json::json!(closed));
    // The files are those that were published
    let file = |home: &Home, name: &str| fs::read(bundles(home).join(name)).unwrap();
    for name in ["manifest.json", "events.jsonl.zst", "members.jsonl", "policy.toml", "totals.csv"]
    {
        let name = format!("epoch-00000052/{name}");
        assert_eq!(file(&witness, &name), file(&publisher, &name), "{name}");
    }
    // Then only what is new; and another oracle signs, with nothing of its own but a key
    let later = close(&publisher, "53");
    let source = BundleSource::open(&format!("{url}/")).unwrap();
    assert_eq!(source.fetch_all(&BundleFolder::new(bundles(&witness))).await.unwrap(), 1);
    assert_eq!(source.fetch_all(&BundleFolder::new(bundles(&witness))).await.unwrap(), 0);
    let oracle = Home::new();
    write_key(&oracle, "key.json", 1);
    let sign = ["epoch", "sign", "--mint", MINT, "--oracle-set-version", "1"];
    let key = ["--keypair", "key.json", "--from", url.as_str()];
    let signed = oracle.json(&[sign.as_slice(), &key].concat());
    assert_eq!(signed["signed"]["epoch"], 53);
    assert_eq!(super::witness(&bundles(&oracle))[52..], later);
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_refused_and_leaves_nothing() {
    let (_home, original) = publisher("2");
    let members = fs::read_to_string(original.join("epoch-00000002/members.jsonl")).unwrap();
    let totals = fs::read_to_string(original.join("epoch-00000002/totals.csv")).unwrap();
    let longer = format!("{totals}{},,5\n", totals.lines().count() - 1);
    for (file, content, because) in [
        ("members.jsonl", members.replacen("[]", "[\"master\"]", 1), "the manifest says SHA-256"),
        ("policy.toml", "x".to_owned(), "the manifest says SHA-256"),
        ("events.jsonl.zst", "no zstd".to_owned(), "Unknown frame descriptor"),
        ("totals.csv", longer, "it does not give the root"),
        ("totals.csv", format!("{totals}x"), "expected "),
        ("manifest.json", "{}".to_owned(), "missing field"),
    ] {
        let changed = Home::new();
        copy(&original, &changed.path("public"));
        fs::write(changed.path("public/epoch-00000002").join(file), content).unwrap();
        let url = serve_folder(&changed.path("public")).await;
        let into = Into::new();
        assert!(into.fetch(&url, 1).await.unwrap());
        let error = into.fetch(&url, 2).await.unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, RemoteError::Wrong { .. }), "{file}: {said}");
        assert!(said.starts_with(&format!("{url}/epoch-00000002/{file}: ")), "{said}");
        assert!(said.contains(because), "{said}");
        assert_eq!(into.names(), ["epoch-00000001"], "{file}");
        // From who did not change it, it comes
        assert!(into.fetch(original.to_str().unwrap(), 2).await.unwrap());
        assert_eq!(into.names(), ["epoch-00000001", "epoch-00000002"]);
    }
}

#[tokio::test]
async fn what_is_there_is_never_replaced() {
    let (_home, original) = publisher("1");
    let into = Into::new();
    let from = original.to_str().unwrap();
    assert!(into.fetch(from, 1).await.unwrap());
    assert!(into.fetch(from, 1).await.unwrap());
    // Another publisher's bundle of the same epoch
    let other = Home::new();
    copy(&original, &other.path("public"));
    let manifest = other.path("public/epoch-00000001/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"cumulative_total\": ", "\"cumulative_total\": 1"))
        .unwrap();
    let before = fs::read(into.home.path("bundles/epoch-00000001/manifest.json")).unwrap();
    let error = into.fetch(other.path("public").to_str().unwrap(), 1).await.unwrap_err();
    assert!(matches!(error, RemoteError::Folder(BundleError::Taken(_))), "{error}");
    assert_eq!(fs::read(into.home.path("bundles/epoch-00000001/manifest.json")).unwrap(), before);
}

#[tokio::test]
async fn an_endless_file_is_cut_off() {
    let (_home, original) = publisher("1");
    let endless = || {
        let zeros = Bytes::from_static(&[b'0'; 1 << 16]);
        Body::from_stream(futures::stream::repeat(Ok::<_, std::convert::Infallible>(zeros)))
    };
    for (file, length, because) in [
        ("totals.csv", None, "does not say how long the file is"),
        ("totals.csv", Some((1_u64 << 30) + 1), "larger than 1073741824 bytes"),
        ("manifest.json", Some(1 << 20), "larger than 65536 bytes"),
        ("manifest.json", None, "does not say how long the file is"),
    ] {
        let answer = move || async move {
            let mut headers = HeaderMap::new();
            headers.extend(length.map(|length| (header::CONTENT_LENGTH, length.into())));
            (headers, endless())
        };
        let router = Router::new().route(&format!("/epoch-00000001/{file}"), get(answer));
        let url = serve(router.fallback_service(ServeDir::new(&original))).await;
        let into = Into::new();
        let error = into.fetch(&url, 1).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{url}/epoch-00000001/{file}: ")), "{error}");
        assert!(error.contains(because), "{error}");
        assert_eq!(into.names(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_bundle_is_not_there_yet_and_a_file_without_the_others_is_wrong() {
    let (_home, original) = publisher("1");
    let half = Home::new();
    copy(&original, &half.path("public"));
    let manifest = half.path("public/epoch-00000001/manifest.json");
    let text = fs::read(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    let url = serve_folder(&half.path("public")).await;
    let into = Into::new();
    assert!(!into.fetch(&url, 1).await.unwrap());
    let run = into.home.run(&["witness", "--mint", MINT, "--from", &url]);
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(75), "{said}");
    assert!(said.contains(&format!("{url} has no bundle of epoch 1 yet")), "{said}");
    fs::write(&manifest, text).unwrap();
    fs::remove_file(half.path("public/epoch-00000001/policy.toml")).unwrap();
    let error = into.fetch(&url, 1).await.unwrap_err().to_string();
    assert!(error.contains("policy.toml: it is not there, and its manifest is"), "{error}");
    let error = into.home.run_badly(&["witness", "--mint", MINT, "--from", &url]);
    assert!(error.contains("policy.toml: it is not there"), "{error}");
    assert_eq!(into.names(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_asked_later_and_no_password_is_told() {
    let home = Home::new();
    let code = |url: &str| {
        let run = home.run(&["witness", "--mint", MINT, "--from", url]);
        (run.status.code(), String::from_utf8(run.stderr).unwrap())
    };
    let fails = Router::new().fallback(async || (StatusCode::INTERNAL_SERVER_ERROR, "it broke"));
    let fails = serve(fails).await;
    let host = fails.strip_prefix("http://").unwrap();
    // A port that nobody listens at
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = listener.local_addr().unwrap().to_string();
    drop(listener);
    for (host, because) in [(host, "500 Internal Server Error: it broke"), (&nobody, "refused")] {
        let url = format!("http://anna:hunter2@{host}/public?token=hunter3");
        let (code, said) = code(&url);
        assert_eq!(code, Some(75), "{said}");
        assert!(said.contains(&format!("http://{host}/public/epoch-00000001/manifest.json")));
        assert!(said.contains(because), "{said}");
        assert!(!said.contains("hunter") && !said.contains("anna"), "{said}");
    }
    // Who is not let in has to do something
    let locked = Router::new().fallback(async || StatusCode::FORBIDDEN);
    let (locked, said) = code(&serve(locked).await);
    assert_eq!(locked, Some(1), "{said}");
    assert!(said.contains("it lets nobody in without the right keys"), "{said}");
    for address in ["ftp://anna:hunter2@x", "https://anna:hunter2@", "s3://", ""] {
        let (code, said) = code(address);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("no address of bundles"), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }
    let (code, said) = code("/nowhere/at/all");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("/nowhere/at/all: "), "{said}");
}

#[tokio::test]
async fn a_user_and_a_query_of_the_address_are_sent_along() {
    let (_home, original) = publisher("1");
    let guard = async |request: axum::extract::Request, next: Next| {
        // anna:a b
        let user = request.headers().get(header::AUTHORIZATION);
        let is_right = user.is_some_and(|user| user == "Basic YW5uYTphIGI=");
        match is_right && request.uri().query() == Some("token=1") {
            true => next.run(request).await,
            false => axum::response::IntoResponse::into_response(StatusCode::UNAUTHORIZED),
        }
    };
    let router = Router::new().fallback_service(ServeDir::new(&original)).layer(from_fn(guard));
    let host = serve(router).await.split_off("http://".len());
    let into = Into::new();
    let error = into.fetch(&format!("http://{host}?token=1"), 1).await.unwrap_err();
    assert!(matches!(error, RemoteError::Refused { .. }), "{error}");
    assert!(into.fetch(&format!("http://anna:a%20b@{host}/?token=1"), 1).await.unwrap());
}

#[tokio::test]
async fn a_forged_signature_is_not_kept() {
    let public = Home::new();
    let ours = attestation();
    let (key, another) = (Keypair::new_from_array([1; 32]), Keypair::new_from_array([2; 32]));
    let sign = |key: &Keypair, attestation: &Attestation| {
        let key = LocalKey::new(key.insecure_clone());
        SignedEpoch::new(attestation, &key.sign(attestation))
    };
    let name = format!("epoch-00000012.signatures/{}-3.json", key.pubkey());
    fs::create_dir_all(public.path("epoch-00000012.signatures")).unwrap();
    let publish = |signed: &SignedEpoch| {
        fs::write(public.path(&name), serde_json::to_string(signed).unwrap()).unwrap();
    };
    let url = serve(Router::new().fallback_service(ServeDir::new(public.path("")))).await;
    let source = BundleSource::open(&url).unwrap();
    let into = Into::new();
    let fetch = async || source.fetch_signature(&key.pubkey(), &ours, &into.folder).await;
    assert!(!fetch().await.unwrap());
    // Another result, another set or epoch, another oracle's, and somebody's in this one's name
    let good = sign(&key, &ours);
    for other in [
        sign(&key, &Attestation { root: [6; 32], ..ours }),
        sign(&key, &Attestation { oracle_set_version: 4, ..ours }),
        sign(&key, &Attestation { epoch: 13, ..ours }),
        SignedEpoch { signature: sign(&another, &ours).signature, ..good.clone() },
    ] {
        publish(&other);
        let error = fetch().await.unwrap_err();
        assert!(matches!(error, RemoteError::Signature { .. }), "{error}");
        assert!(error.to_string().starts_with(&format!("{url}/{name}: ")), "{error}");
    }
    publish(&sign(&another, &ours));
    let error = fetch().await.unwrap_err().to_string();
    assert!(error.contains("it is another oracle's"), "{error}");
    fs::write(public.path(&name), "{").unwrap();
    assert!(matches!(fetch().await, Err(RemoteError::Wrong { .. })));
    fs::write(public.path(&name), " ".repeat(5_000)).unwrap();
    assert!(matches!(fetch().await, Err(RemoteError::TooLarge { limit: 4_096, .. })));
    assert_eq!(into.names(), Vec::<String>::new());
    // The right one is
    publish(&good);
    assert!(fetch().await.unwrap() && fetch().await.unwrap());
    let kept: Vec<_> = into.folder.signatures(12).unwrap().into_iter().flatten().collect();
    assert_eq!(kept, [good]);
}

#[tokio::test]
async fn a_web_server_is_only_read_and_a_folder_takes_what_is_published() {
    let (_home, original) = publisher("2");
    let from = BundleFolder::new(&original);
    let url = serve_folder(&original).await;
    let error = BundleSource::open(&url).unwrap().publish(1, &from).await.unwrap_err();
    assert!(matches!(error, RemoteError::ReadOnly(_)), "{error}");
    let public = Home::new();
    let target = BundleSource::open(public.path("").to_str().unwrap()).unwrap();
    publish_and_fetch(&target, &from).await;
    // What a crash left there is completed: the manifest was not there
    fs::remove_file(public.path("epoch-00000002/manifest.json")).unwrap();
    fs::write(public.path("epoch-00000002/totals.csv"), "half").unwrap();
    target.publish(2, &from).await.unwrap();
    let totals = fs::read(public.path("epoch-00000002/totals.csv")).unwrap();
    assert_eq!(totals, fs::read(original.join("epoch-00000002/totals.csv")).unwrap());
}

#[tokio::test]
async fn a_bucket_takes_what_is_published_and_gives_it_to_others() {
    const TEST: &str = "bundles::remote::a_bucket_takes_what_is_published_and_gives_it_to_others";
    if std::env::var_os("AWS_ENDPOINT").is_none() {
        let server = S3Server::start("community").await;
        return s3::run_with_keys(TEST, &[("AWS_ENDPOINT", &server.endpoint)]);
    }
    let (_home, original) = publisher("2");
    let target = BundleSource::open("s3://community/stk/bundles/").unwrap();
    publish_and_fetch(&target, &BundleFolder::new(&original)).await;
    let error = Into::new().fetch("s3://nowhere/bundles", 1).await.unwrap_err();
    assert!(matches!(&error, RemoteError::Refused { .. }), "{error}");
    assert!(error.to_string().starts_with("s3://nowhere/bundles/epoch-00000001/manifest.json: "));
}

/// Publishes two epochs with a signature, and fetches them from there.
async fn publish_and_fetch(target: &BundleSource, from: &BundleFolder) {
    let ours = Attestation { epoch: 2, ..attestation() };
    let key = LocalKey::new(Keypair::new_from_array([1; 32]));
    let into = Into::new();
    let fetch_signature =
        async || target.fetch_signature(&key.address(), &ours, &into.folder).await.unwrap();
    for epoch in [1, 2] {
        target.publish(epoch, from).await.unwrap();
    }
    assert!(!fetch_signature().await);
    // Again, with a signature that has come meanwhile
    let good = SignedEpoch::new(&ours, &key.sign(&ours));
    from.keep_signature(&good).unwrap();
    target.publish(2, from).await.unwrap();
    target.publish(2, from).await.unwrap();
    assert_eq!(target.fetch_all(&into.folder).await.unwrap(), 2);
    assert!(fetch_signature().await);
    for epoch in [1, 2] {
        let (ours, theirs) = (into.folder.path(epoch), from.path(epoch));
        for file in fs::read_dir(&theirs).unwrap() {
            let name = file.unwrap().file_name();
            assert_eq!(fs::read(ours.join(&name)).unwrap(), fs::read(theirs.join(&name)).unwrap());
        }
    }
    // Another bundle or signature of the same name takes no place
    let other = Home::new();
    copy(from.path(2).parent().unwrap(), &other.path("bundles"));
    let others = BundleFolder::new(other.path("bundles"));
    let signatures = other.path("bundles/epoch-00000002.signatures");
    let file = fs::read_dir(&signatures).unwrap().next().unwrap().unwrap().path();
    let changed = SignedEpoch { digest: "0".repeat(64), ..good };
    fs::write(&file, serde_json::to_string(&changed).unwrap()).unwrap();
    let error = target.publish(2, &others).await.unwrap_err();
    assert!(matches!(&error, RemoteError::Taken(at) if at.ends_with("-3.json")), "{error}");
    let manifest = other.path("bundles/epoch-00000002/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"cumulative_total\": ", "\"cumulative_total\": 1"))
        .unwrap();
    let error = target.publish(2, &others).await.unwrap_err();
    assert!(matches!(&error, RemoteError::Taken(at) if at.ends_with("epoch-00000002/")), "{error}");
}
