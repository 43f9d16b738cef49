//! An HTTP server that stores Alertmanager's notifications for tests.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{StackError, eventually};

/// An HTTP server on a free port of loopback that accepts and keeps every JSON document.
#[derive(Debug)]
pub struct Webhook {
    address: SocketAddr,
    state: Arc<State>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    received: Mutex<Vec<Delivery>>,
    status: AtomicU16,
}

/// One document that was received.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The path it was sent to, without the slash: the receiver's name in generated configurations.
    pub path: String,
    pub body: Value,
}

/// The body of Alertmanager's webhooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// `firing` or `resolved`.
    pub status: String,
    pub receiver: String,
    /// The alerts of the group.
    pub alerts: Vec<NotifiedAlert>,
    /// The labels that the group is made by.
    pub group_labels: BTreeMap<String, String>,
}

/// An alert in a notification.
#[derive(Debug, Clone, Deserialize)]
pub struct NotifiedAlert {
    /// `firing` or `resolved`.
    pub status: String,
    pub labels: BTreeMap<String, String>,
    /// Its annotations, the runbook's address among them.
    pub annotations: BTreeMap<String, String>,
}

impl NotifiedAlert {
    pub fn name(&self) -> &str {
        self.labels.get("alertname").map_or("", String::as_str)
    }
}

impl Webhook {
    /// Listens, and accepts everything.
    pub async fn start() -> Result<Self, StackError> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = bound.map_err(StackError::io("listening for notifications"))?;
        let address =
            listener.local_addr().map_err(StackError::io("listening for notifications"))?;
        let state = Arc::new(State { received: Mutex::default(), status: AtomicU16::new(200) });
        let server = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self { address, state, server })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers with another status from now on, such as 503; nothing is kept then.
    pub fn answer_with(&self, status: u16) {
        self.state.status.store(status, Ordering::Relaxed);
    }

    /// All documents received, oldest first.
    pub fn received(&self) -> Vec<Delivery> {
        self.state.received().clone()
    }

    /// Deletes the stored documents.
    pub fn clear(&self) {
        self.state.received().clear();
    }

    /// The received documents that are notifications of Alertmanager.
    pub fn notifications(&self) -> Vec<Notification> {
        let parse = |delivery: Delivery| serde_json::from_value(delivery.body).ok();
        self.received().into_iter().filter_map(parse).collect()
    }

    /// Waits for a notification that `is_it` accepts; at the timeout, the error lists those
    /// received.
    pub async fn eventually<T>(
        &self,
        within: Duration,
        is_it: impl Fn(&Notification) -> Option<T>,
    ) -> T {
        eventually(within, || async {
            let all = self.notifications();
            all.iter().find_map(&is_it).ok_or_else(|| format!("these notifications: {all:#?}"))
        })
        .await
    }

    /// Waits until `receiver` gets a notification that the alert has this status (`firing`, `resolved`).
    pub async fn notified(
        &self,
        within: Duration,
        receiver: &str,
        alert: &str,
        status: &str,
    ) -> NotifiedAlert {
        self.eventually(within, |notification| {
            let mut alerts = notification.alerts.iter();
            alerts
                .find(|it| {
                    notification.receiver == receiver && it.name() == alert && it.status == status
                })
                .cloned()
        })
        .await
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    fn received(&self) -> MutexGuard<'_, Vec<Delivery>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
        let body = body.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut response = Response::new(Empty::new());
        let wanted = self.status.load(Ordering::Relaxed);
        let status = match body {
            Some(body) if wanted < 300 => {
                self.received().push(Delivery { path, body });
                wanted
            }
            Some(_) => wanted,
            None => 400,
        };
        *response.status_mut() = status.try_into().unwrap_or_default();
        Ok(response)
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { state.take(request).await }
        });
        // An error of a client that disconnects is ignored.
        tokio::spawn(async move {
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}
