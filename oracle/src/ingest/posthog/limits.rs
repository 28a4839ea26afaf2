//! PostHog's three limits, kept on our side so that its 429 stays the exception.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::PosthogQuerySettings;

/// Queries that PostHog runs at once for one project.
const CONCURRENT: usize = 3;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Lets requests through, no faster than PostHog allows.
#[derive(Debug)]
pub(super) struct Limits {
    minute: DefaultDirectRateLimiter,
    hour: DefaultDirectRateLimiter,
    concurrent: Semaphore,
}

impl Limits {
    pub(super) fn new(settings: &PosthogQuerySettings) -> Self {
        Self {
            minute: RateLimiter::direct(quota(settings.requests_per_minute, MINUTE)),
            hour: RateLimiter::direct(quota(settings.requests_per_hour, HOUR)),
            concurrent: Semaphore::new(CONCURRENT),
        }
    }

    /// Waits for its turn; the request is running as long as the permit is held.
    pub(super) async fn enter(&self) -> SemaphorePermit<'_> {
        let permit = self.concurrent.acquire().await.expect("the semaphore is never closed");
        self.hour.until_ready().await;
        self.minute.until_ready().await;
        permit
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
    use governor::clock::FakeRelativeClock;

    use super::*;

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
