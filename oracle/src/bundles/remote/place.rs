//! A folder, a bucket or a web server, all asked in one way.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use object_store::aws::AmazonS3ConfigKey;
use object_store::http::HttpBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientConfigKey, ClientOptions, ObjectStore, ObjectStoreExt};

use super::RemoteError;
use crate::bucket;

/// How long one file may take to come.
const FILE_TIMEOUT: &str = "1 hour";
/// How long nothing may come.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// How much is told of a reason, characters.
const MAX_PROBLEM: usize = 300;

/// Where named files are, and how the place is called.
pub(super) struct Place {
    pub(super) store: Arc<dyn ObjectStore>,
    prefix: String,
    /// The address without what may be secret.
    pub(super) name: String,
    /// The query of the address, which no error may tell.
    query: Option<String>,
    pub(super) is_writable: bool,
}

impl Place {
    /// Opens an address.
    pub(super) fn open(address: &str) -> Result<Self, RemoteError> {
        match address.split_once("://") {
            None if !address.is_empty() => Self::folder(address),
            Some(("s3", rest)) if !rest.is_empty() => Self::bucket(rest),
            Some(("http" | "https", _)) => Self::server(address),
            // What follows may have a password in it.
            Some((scheme, _)) => Err(RemoteError::Address(format!("{scheme}://…"))),
            None => Err(RemoteError::Address(address.to_owned())),
        }
    }

    fn folder(path: &str) -> Result<Self, RemoteError> {
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| {
            let problem = format!("{}; make the folder first", deepest(&error));
            RemoteError::Refused { at: path.to_owned(), problem }
        })?;
        let name = path.trim_end_matches('/').to_owned();
        let (store, prefix) = (Arc::new(store), String::new());
        Ok(Self { store, prefix, name, query: None, is_writable: true })
    }

    fn bucket(rest: &str) -> Result<Self, RemoteError> {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/').to_owned();
        let name = format!("s3://{rest}").trim_end_matches('/').to_owned();
        let timeout = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
        let store = bucket::build(bucket::builder(bucket).with_config(timeout, FILE_TIMEOUT));
        let store = store.map_err(|error| {
            let problem = deepest(&error);
            RemoteError::Refused { at: name.clone(), problem }
        })?;
        Ok(Self { store: Arc::new(store), prefix, name, query: None, is_writable: true })
    }

    fn server(address: &str) -> Result<Self, RemoteError> {
        let scheme = address.split("://").next().unwrap_or_default();
        let no_address = |_| RemoteError::Address(format!("{scheme}://…"));
        // A user and password become a header, which is never shown and goes to this host alone.
        let request = reqwest::Client::new().get(address).build().map_err(no_address)?;
        let mut url = request.url().clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        url.set_fragment(None);
        let query = url.query().map(|query| format!("?{query}"));
        let store = HttpBuilder::new()
            .with_url(url.clone())
            .with_retry(bucket::retries())
            .with_client_options(
                ClientOptions::new()
                    .with_default_headers(request.headers().clone())
                    .with_allow_http(true)
                    .with_config(ClientConfigKey::Timeout, FILE_TIMEOUT),
            )
            .build();
        url.set_query(None);
        let name = url.as_str().trim_end_matches('/').to_owned();
        let store = store.map_err(|error| {
            let problem = deepest(&error);
            RemoteError::Refused { at: name.clone(), problem }
        })?;
        let (store, prefix) = (Arc::new(store), String::new());
        Ok(Self { store, prefix, name, query, is_writable: false })
    }

    /// How a file is called when it is told of.
    pub(super) fn at(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    /// Where a file is.
    pub(super) fn path(&self, file: &str) -> Result<Path, RemoteError> {
        let path = match self.prefix.as_str() {
            "" => Path::parse(file),
            prefix => Path::parse(format!("{prefix}/{file}")),
        };
        path.map_err(|_| RemoteError::Address(self.name.clone()))
    }

    /// A file, if it is there, no larger than a limit as far as it is said.
    pub(super) async fn get(
        &self,
        file: &str,
        limit: u64,
    ) -> Result<Option<Content<'_>>, RemoteError> {
        let path = self.path(file)?;
        let at = self.at(file);
        let found = match tokio::time::timeout(STALL_TIMEOUT, self.store.get(&path)).await {
            Err(_) => return Err(RemoteError::Away { at, problem: "no answer".to_owned() }),
            Ok(Err(error)) if is_absent(&error) => return Ok(None),
            Ok(Err(error)) => return Err(self.error(at, &error)),
            Ok(Ok(found)) => found,
        };
        if found.meta.size > limit {
            return Err(RemoteError::TooLarge { at, limit });
        }
        Ok(Some(Content { place: self, at, stream: found.into_stream(), left: limit, limit }))
    }

    /// A small file, if it is there.
    pub(super) async fn get_bytes(
        &self,
        file: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, RemoteError> {
        let Some(mut content) = self.get(file, limit).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(more) = content.next().await? {
            bytes.extend_from_slice(&more);
        }
        Ok(Some(bytes))
    }

    /// Why a file cannot be read or written, without what may be secret.
    pub(super) fn error(&self, at: String, error: &object_store::Error) -> RemoteError {
        use object_store::Error as E;
        let mut problem = deepest(error);
        if let Some(query) = &self.query {
            problem = problem.replace(query.as_str(), "");
        }
        let shown = |character: char| if character.is_control() { ' ' } else { character };
        let problem: String = problem.chars().take(MAX_PROBLEM).map(shown).collect();
        match error {
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
                let problem = format!("it lets nobody in without the right keys: {problem}");
                RemoteError::Refused { at, problem }
            }
            E::InvalidPath { .. }
            | E::NotSupported { .. }
            | E::NotImplemented { .. }
            | E::NotFound { .. }
            | E::UnknownConfigurationKey { .. } => RemoteError::Refused { at, problem },
            _ if problem.contains("Content-Length") => {
                let problem = "its server does not say how long the file is".to_owned();
                RemoteError::Refused { at, problem }
            }
            _ if bucket::is_no_bucket(error) => RemoteError::Refused { at, problem },
            _ => RemoteError::Away { at, problem },
        }
    }
}

/// A file that comes, piece by piece.
pub(super) struct Content<'a> {
    place: &'a Place,
    pub(super) at: String,
    stream: BoxStream<'static, Result<Bytes, object_store::Error>>,
    left: u64,
    limit: u64,
}

impl Content<'_> {
    /// The next piece.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, RemoteError> {
        let at = || self.at.clone();
        let piece = match tokio::time::timeout(STALL_TIMEOUT, self.stream.try_next()).await {
            Err(_) => {
                return Err(RemoteError::Away { at: at(), problem: "nothing comes".to_owned() });
            }
            Ok(piece) => piece.map_err(|error| self.place.error(at(), &error))?,
        };
        let Some(piece) = piece else { return Ok(None) };
        match self.left.checked_sub(piece.len() as u64) {
            Some(left) => self.left = left,
            None => return Err(RemoteError::TooLarge { at: at(), limit: self.limit }),
        }
        Ok(Some(piece))
    }
}

/// Whether there is no such file; a bucket that is not there is another matter.
fn is_absent(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. }) && !bucket::is_no_bucket(error)
}

/// The reason behind all others: what is around it may tell the whole address.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
