//! A node that fails: between an oracle and the network's JSON-RPC.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::client::HttpConnector;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Client, Request, Response, Server, StatusCode};
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// How many answers back an old one is.
const OLD: usize = 3;
/// How long an answer is held back.
const DELAY: Duration = Duration::from_millis(150);

/// What a node does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection ends before the request got anywhere.
    Refuse,
    /// The request arrives, its answer does not.
    Forget,
    /// The answer takes long.
    Delay,
    /// Too many requests.
    TooMany,
    /// The node is out of order.
    Unavailable,
    /// The request arrives twice.
    Twice,
    /// A transaction is taken and never sent on.
    Lose,
    /// What was so some time ago is answered.
    Old,
    /// Transactions are taken and never sent on, and every one that is asked for is said to have landed.
    Lie,
}

impl Fault {
    /// Everything that goes wrong by itself.
    pub(crate) const HONEST: [Self; 8] = [
        Self::Refuse,
        Self::Forget,
        Self::Delay,
        Self::TooMany,
        Self::Unavailable,
        Self::Twice,
        Self::Lose,
        Self::Old,
    ];
}

/// Whether something happens before a request is sent on, or after, before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

/// A running proxy.
pub(crate) struct Proxy {
    pub(crate) url: String,
    node: Arc<Node>,
    serving: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Node {
    real: String,
    client: Client<HttpConnector>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What may happen, and to how many of a hundred requests something does.
    weather: (Vec<Fault>, u64),
    random: u64,
    counts: BTreeMap<String, u64>,
    /// Requests since the last halt was asked for.
    number: u64,
    halt: Option<(u64, Moment, oneshot::Sender<()>)>,
    /// The last answers to each question, the oldest first.
    answers: BTreeMap<String, VecDeque<Value>>,
}

impl State {
    /// The next number of a row that is the same in each run (xorshift64).
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn fault(&mut self) -> Option<Fault> {
        let happens = self.random() % 100 < self.weather.1;
        let place = self.random();
        let faults = &self.weather.0;
        let count = u64::try_from(faults.len()).unwrap();
        (happens && count > 0).then(|| faults[usize::try_from(place % count).unwrap()])
    }
}

impl Proxy {
    /// A node that answers as the one at a URL does, until it is told otherwise.
    pub(crate) fn start(real: &str, seed: u64) -> Self {
        let state = State { random: seed.max(1), ..State::default() };
        let (real, client) = (real.to_owned(), Client::new());
        let node = Arc::new(Node { real, client, state: Mutex::new(state) });
        let served = node.clone();
        let service = make_service_fn(move |_| {
            let node = served.clone();
            async move {
                let answer = move |request| {
                    let node = node.clone();
                    async move { node.answer(request).await }
                };
                Ok::<_, Infallible>(service_fn(answer))
            }
        });
        let server = Server::bind(&SocketAddr::from(([127, 0, 0, 1], 0))).serve(service);
        let url = format!("http://{}", server.local_addr());
        let serving = tokio::spawn(async move { server.await.unwrap() });
        Self { url, node, serving }
    }

    /// From now on these faults happen to so many of a hundred requests.
    pub(crate) fn set(&self, faults: &[Fault], percent: u64) {
        self.state().weather = (faults.to_vec(), percent);
    }

    /// How many requests of a method came so far.
    pub(crate) fn count(&self, method: &str) -> u64 {
        self.state().counts.get(method).copied().unwrap_or_default()
    }

    /// Says when the n-th request from now on is there, and never answers it.
    pub(crate) fn halt_at(&self, number: u64, moment: Moment) -> oneshot::Receiver<()> {
        let (reached, halted) = oneshot::channel();
        let mut state = self.state();
        state.number = 0;
        state.halt = Some((number, moment, reached));
        halted
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.node.state.lock().unwrap()
    }
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection ends")
    }
}

impl std::error::Error for Gone {}

impl Node {
    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, Gone> {
        let body = hyper::body::to_bytes(request.into_body()).await.map_err(|_| Gone)?;
        let asked: Value = serde_json::from_slice(&body).map_err(|_| Gone)?;
        let method = asked["method"].as_str().unwrap_or_default().to_owned();
        let (fault, halt) = self.count(&method);
        if let Some((Moment::Before, reached)) = halt {
            return stop(reached).await;
        }
        if let Some(answer) = self.misbehave(fault, &method, &asked).await? {
            return Ok(answer);
        }
        if fault == Some(Fault::Twice) {
            self.forward(&asked).await?;
        }
        let answer = self.forward(&asked).await?;
        if let Some((Moment::After, reached)) = halt {
            return stop(reached).await;
        }
        match fault {
            Some(Fault::Forget) => Err(Gone),
            Some(Fault::Old) => Ok(response(&self.old(&asked, answer))),
            _ => {
                self.old(&asked, answer.clone());
                Ok(response(&answer))
            }
        }
    }

    /// Counts a request; says what happens to it.
    fn count(&self, method: &str) -> (Option<Fault>, Option<(Moment, oneshot::Sender<()>)>) {
        let mut state = self.state.lock().unwrap();
        *state.counts.entry(method.to_owned()).or_default() += 1;
        state.number += 1;
        let number = state.number;
        let halt = state.halt.take_if(|(at, ..)| *at == number);
        (state.fault(), halt.map(|(_, moment, reached)| (moment, reached)))
    }

    /// What is answered without asking the real node.
    async fn misbehave(
        &self,
        fault: Option<Fault>,
        method: &str,
        asked: &Value,
    ) -> Result<Option<Response<Body>>, Gone> {
        let refused = |status| {
            let answer = Response::builder().status(status).header(RETRY_AFTER, "0");
            answer.body(Body::empty()).map(Some).map_err(|_| Gone)
        };
        match (fault, method) {
            (Some(Fault::Refuse), _) => Err(Gone),
            (Some(Fault::TooMany), _) => refused(StatusCode::TOO_MANY_REQUESTS),
            (Some(Fault::Unavailable), _) => refused(StatusCode::SERVICE_UNAVAILABLE),
            (Some(Fault::Lose | Fault::Lie), "sendTransaction") => {
                let signature = signature(asked).ok_or(Gone)?;
                Ok(Some(response(&result(asked, &json!(signature)))))
            }
            (Some(Fault::Lie), "getSignatureStatuses") => {
                let landed = json!({
                    "context": { "slot": u32::MAX },
                    "value": [{
                        "slot": 1,
                        "confirmations": null,
                        "err": null,
                        "status": { "Ok": null },
                        "confirmationStatus": "finalized",
                    }],
                });
                Ok(Some(response(&result(asked, &landed))))
            }
            (Some(Fault::Delay), _) => {
                tokio::time::sleep(DELAY).await;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    async fn forward(&self, asked: &Value) -> Result<Value, Gone> {
        let request = Request::post(&self.real).header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(asked.to_string())).map_err(|_| Gone)?;
        let answer = self.client.request(request).await.map_err(|_| Gone)?;
        let body = hyper::body::to_bytes(answer.into_body()).await.map_err(|_| Gone)?;
        serde_json::from_slice(&body).map_err(|_| Gone)
    }

    /// Keeps an answer; gives one to the same question that was true before.
    fn old(&self, asked: &Value, answer: Value) -> Value {
        let question = format!("{}{}", asked["method"], asked["params"]);
        let mut state = self.state.lock().unwrap();
        let answers = state.answers.entry(question).or_default();
        answers.push_back(answer);
        if answers.len() > OLD {
            answers.pop_front();
        }
        let mut old = answers.front().cloned().unwrap_or_default();
        old["id"] = asked["id"].clone();
        old
    }
}

/// Says that a request is there, and leaves it without an answer.
async fn stop(reached: oneshot::Sender<()>) -> Result<Response<Body>, Gone> {
    // Whoever waited for it may be gone.
    let _ = reached.send(());
    std::future::pending().await
}

fn result(asked: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result })
}

fn response(answer: &Value) -> Response<Body> {
    let response = Response::builder().header(CONTENT_TYPE, "application/json");
    response.body(Body::from(answer.to_string())).unwrap()
}

/// The signature of a transaction that is to be sent.
fn signature(asked: &Value) -> Option<String> {
    let wire = BASE64_STANDARD.decode(asked["params"][0].as_str()?).ok()?;
    let transaction: VersionedTransaction = wincode::deserialize(&wire).ok()?;
    Some(transaction.signatures.first()?.to_string())
}
