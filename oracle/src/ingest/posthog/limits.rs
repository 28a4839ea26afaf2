//! PostHog's three limits, kept on our side so that its 429 stays the exception.
//!
//! They are a project's, and a key may not be asked with faster either: a request waits for both of its
//! gates. So sources of one project or one key share what PostHog allows, and others do not.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::Url;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::{PosthogQuerySettings, Secret};
use crate::hex::hex;

/// Queries that PostHog runs at once for one project.
const CONCURRENT: usize = 3;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// The limits of all projects and keys that this process asks with; the first source of each says how
/// fast it is.
#[derive(Clone, Debug, Default)]
pub struct SharedLimits(Arc<Mutex<BTreeMap<String, Arc<Gate>>>>);

/// The limits of one project or one key.
#[derive(Debug)]
struct Gate {
    minute: DefaultDirectRateLimiter,
    hour: DefaultDirectRateLimiter,
    concurrent: Semaphore,
}

/// Lets a source's requests through, no faster than PostHog allows.
#[derive(Debug)]
pub(super) struct Limits {
    project: Arc<Gate>,
    key: Arc<Gate>,
}

impl SharedLimits {
    /// The limits of a source.
    pub(super) fn of(&self, url: &Url, settings: &PosthogQuerySettings, key: &Secret) -> Limits {
        let host = url.origin().ascii_serialization();
        let gate = |of: String| {
            // Whoever panicked with the lock left the gates as they are.
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            gates.entry(of).or_insert_with(|| Arc::new(Gate::new(settings))).clone()
        };
        Limits {
            project: gate(format!("{host} project {}", settings.project_id)),
            key: gate(format!("{host} key {}", hex(&Sha256::digest(key.reveal())))),
        }
    }
}

impl Gate {
    fn new(settings: &PosthogQuerySettings) -> Self {
        Self {
            minute: RateLimiter::direct(quota(settings.requests_per_minute, MINUTE)),
            hour: RateLimiter::direct(quota(settings.requests_per_hour, HOUR)),
            concurrent: Semaphore::new(CONCURRENT),
        }
    }

    async fn enter(&self) -> SemaphorePermit<'_> {
        let permit = self.concurrent.acquire().await.expect("the semaphore is never closed");
        self.hour.until_ready().await;
        self.minute.until_ready().await;
        permit
    }
}

impl Limits {
    /// Waits for its turn; the request is running as long as the permits are held.
    pub(super) async fn enter(&self) -> [SemaphorePermit<'_>; 2] {
        // Every request goes through its project's gate first: two that hold what the other waits for
        // there cannot be.
        [self.project.enter().await, self.key.enter().await]
    }
}

/// No more than `limit` requests in any span of a period: a tenth of them at once, and the rest
/// spread over the period. (A burst of `limit` and `limit` a period would be twice too many.)
fn quota(limit: NonZeroU32, period: Duration) -> Quota {
    let limit = limit.get().max(2);
    let burst = (limit / 10).max(1);
    let each = period / (limit - burst);
    let (quota, burst) = (Quota::with_period(each), NonZeroU32::new(burst));
    quota.zip(burst).map(|(quota, burst)| quota.allow_burst(burst)).expect("neither is zero")
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use governor::clock::FakeRelativeClock;

    use super::*;

    /// A source's limits: two requests an hour, of which one at once.
    fn limits(shared: &SharedLimits, host: &str, project: &str, key: &str, hour: u32) -> Limits {
        let settings = format!(
            "host = \"{host}\"\nproject_id = \"{project}\"\nkey_env = \"KEY\"\n\
             start_at = \"2018-01-01T00:00:00Z\"\nrequests_per_hour = {hour}"
        );
        let settings = toml::from_str(&settings).unwrap();
        let url = format!("{host}/api/projects/{project}/query/").parse().unwrap();
        shared.of(&url, &settings, &Secret::new(key))
    }

    #[test]
    fn sources_of_one_project_or_key_share_a_limit_and_others_do_not() {
        const EU: &str = "https://eu.posthog.com";
        let shared = SharedLimits::default();
        let passes = |host, project, key| {
            limits(&shared, host, project, key, 2).enter().now_or_never().is_some()
        };
        assert!(passes(EU, "1", "a"));
        // The project's turn is over, and the key's, whoever asks
        assert!(!passes(EU, "1", "a"));
        assert!(!passes(EU, "1", "b"));
        assert!(!passes(EU, "2", "a"));
        assert!(!passes("https://EU.posthog.com/", "1", "a"));
        // Another project by another key, and another PostHog, have turns of their own
        assert!(passes(EU, "3", "c"));
        assert!(passes("https://us.posthog.com", "1", "a"));
    }

    #[test]
    fn three_requests_of_a_project_run_at_once_whichever_sources_they_are_of() {
        let shared = SharedLimits::default();
        let source = |key| limits(&shared, "https://eu.posthog.com", "1", key, 2_400);
        let (one, other) = (source("a"), source("b"));
        let mut running: Vec<_> =
            [&one, &other, &one].map(|source| source.enter().now_or_never().unwrap()).into();
        assert!(other.enter().now_or_never().is_none());
        assert!(one.enter().now_or_never().is_none());
        running.pop();
        assert!(other.enter().now_or_never().is_some());
    }

    #[test]
    fn no_span_of_a_period_has_more_requests_than_the_limit() {
        for limit in [2, 3, 120, 240, 2_400] {
            let clock = FakeRelativeClock::default();
            let quota = quota(NonZeroU32::new(limit).unwrap(), HOUR);
            let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
            // When somebody tries every second for three hours
            let seconds = 3 * 3_600;
            let mut passed = vec![0_u32; seconds];
            for count in &mut passed {
                while limiter.check().is_ok() {
                    *count += 1;
                }
                clock.advance(Duration::from_secs(1));
            }
            // Then no hour of it has too many, and the limit is used well
            let most = passed.windows(3_600).map(|hour| hour.iter().sum::<u32>()).max().unwrap();
            assert!(most <= limit, "{most} of {limit}");
            assert!(passed.iter().sum::<u32>() >= limit * 3 / 2, "{limit}");
        }
    }
}
