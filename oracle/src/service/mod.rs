//! The HTTP service of `stk-oracle serve`: what is pushed to us, and how we are.
//!
//! ```text
//! POST /webhooks/{source}   a tool's delivery → its adapter → inbox
//! POST /batch/ /e/ …        PostHog's SDKs → inbox
//! POST /v1/link …           members prove their wallets
//! POST /v1/statements       members state what they signed
//! GET  /healthz /readyz     this process runs; its database answers
//! GET  /metrics             Prometheus
//! ```
//!
//! The answer 200 means that what was accepted is in the database. A task moves it from there into
//! the event log every few seconds.

mod body;
mod capture;
mod drain;
mod health;
mod intake;
mod refusal;
mod server;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::config::{Config, ConfigError, Secret, SourceKind};
use crate::identity::Linking;
use crate::ingest::webhook::{Webhook, adapter};
use crate::segments::EventLog;
use crate::statement::{self, Reception};

use drain::Drain;
use intake::{Intake, Pusher};

/// How long a request may take, the reading of its body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Bodies that are held at once, KiB: requests wait until there is room for theirs.
const BODY_BUDGET_KIB: u32 = 256 << 10;

/// What is served.
#[derive(Debug)]
pub struct Service {
    webhooks: BTreeMap<String, Box<dyn Webhook>>,
    captures: Vec<capture::Project>,
    intake: Intake,
    budget: Semaphore,
    metrics: PrometheusHandle,
    linking: Arc<Linking>,
    reception: Arc<Reception>,
}

impl Service {
    /// A service for the configured sources that push, with their secrets from the environment.
    ///
    /// # Errors
    /// [`ConfigError`] when a secret is missing or guessable.
    pub fn new(
        config: &Config,
        log: EventLog,
        metrics: PrometheusHandle,
        linking: Linking,
    ) -> Result<Self, ConfigError> {
        let personal_data = config.personal_data()?;
        let (mut webhooks, mut captures) = (BTreeMap::new(), Vec::new());
        let mut pushers = BTreeMap::new();
        for source in &config.sources {
            if let Some(adapter) = adapter(source, &personal_data)? {
                webhooks.insert(source.name.clone(), adapter);
            } else if let SourceKind::Capture(settings) = &source.kind {
                let key = format!("source.{}.token_env", source.name);
                let token = Secret::from_env(&key, &settings.token_env)?;
                captures.push(capture::Project::new(&source.name, token));
            } else {
                continue;
            }
            let integrity = config.integrity_of(&source.name);
            let pusher = Pusher { integrity, filed_under: source.filed_under().to_owned() };
            pushers.insert(source.name.clone(), pusher);
        }
        // They come by a way of their own into the same inbox.
        let (source, integrity) = (statement::SOURCE.to_owned(), statement::INTEGRITY);
        pushers.insert(source.clone(), Pusher { integrity, filed_under: source });
        let (domain, clock) = (&config.linking.domain, log.shared_clock());
        let reception = Reception::new(domain, personal_data.clone(), log.store().clone(), clock);
        let intake = Intake::new(log, personal_data, pushers);
        let budget = Semaphore::new(BODY_BUDGET_KIB as usize);
        let (linking, reception) = (Arc::new(linking), Arc::new(reception));
        Ok(Self { webhooks, captures, intake, budget, metrics, linking, reception })
    }

    /// Names of the sources whose deliveries are taken.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.intake.pushers().map(|(source, _)| source)
    }

    /// Serves until `stop` says so, then answers what was begun and moves what waits into the log.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let service = Arc::new(self);
        let drain = Drain::new(service.clone());
        let draining = tokio::spawn(drain.run(stop.clone()));
        let served = server::serve(listener, router(&service), stop).await;
        // The last requests are answered: what they brought is moved too.
        draining.await.map_err(std::io::Error::other)?;
        Drain::new(service).round().await;
        served
    }
}

/// Serves routes until `stop` says so, and what was begun to its end.
///
/// # Errors
/// When the listener fails.
pub async fn serve_until(
    listener: TcpListener,
    router: Router,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT);
    server::serve(listener, router.layer(timeout), stop).await
}

/// Waits until `stop` says so, or until nobody is left who could.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn router(service: &Arc<Service>) -> Router {
    let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT);
    Router::new()
        .merge(webhooks::router())
        .merge(capture::router())
        .merge(health::router())
        .with_state(service.clone())
        .merge(crate::identity::api::router(service.linking.clone()))
        .merge(statement::api::router(service.reception.clone()))
        .layer(timeout)
        .layer(TraceLayer::new_for_http())
}
