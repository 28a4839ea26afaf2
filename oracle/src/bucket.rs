//! Buckets that speak S3, opened with the keys of the environment.

use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{Error, RetryConfig};

/// How often a request is repeated.
const MAX_RETRIES: usize = 4;
/// How long the same thing is asked for.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);

/// How requests are repeated.
pub(crate) fn retries() -> RetryConfig {
    RetryConfig { max_retries: MAX_RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() }
}

/// A bucket. Keys come from the environment, as Amazon's own tools have it: `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY`; a role where it runs in their cloud.
pub(crate) fn builder(bucket: &str) -> AmazonS3Builder {
    AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retries())
}

/// The bucket, at a server without TLS if that is what its address says.
///
/// # Errors
/// [`Error`] when a setting is none.
pub(crate) fn build(builder: AmazonS3Builder) -> Result<AmazonS3, Error> {
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
    match endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        true => builder.with_allow_http(true).build(),
        false => builder.build(),
    }
}

/// Whether a bucket says that there is none of its name.
pub(crate) fn is_no_bucket(error: &Error) -> bool {
    let (Error::NotFound { source, .. } | Error::Generic { source, .. }) = error else {
        return false;
    };
    source.to_string().contains("NoSuchBucket")
}
