//! One connection: the TLS handshake, then requests one after another, with a timeout on each phase.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::Watcher,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{Limits, Server, route};

/// The request line and headers together. Prometheus sends under 1 KiB.
const MAX_HEAD: usize = 16 * 1024;
/// The most that is read ahead, of pipelined requests or of a body that is ignored.
const MAX_BUFFER: usize = 2 * MAX_HEAD;

/// Accepts the connection and returns the future that serves it; `None` when the limit is reached.
pub(super) fn accept(
    server: &Arc<Server>,
    stream: TcpStream,
    watcher: Option<Watcher>,
) -> Option<impl Future<Output = ()> + Send + 'static> {
    let Some(slot) = ConnectionLimit::acquire(&server.connections) else {
        tracing::warn!("the connection limit is reached; closed a new connection");
        return None;
    };
    let server = Arc::clone(server);
    Some(async move {
        let timer = Arc::clone(&slot.timer);
        let limits = &server.app.limits;
        // A response is written as a whole; Nagle's algorithm would only delay it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection broke before its first byte");
            return;
        }
        tokio::select! {
            () = handshake(&server, stream, &timer, watcher) => {}
            phase = timer.expired(limits) => tracing::debug!(?phase, "closed a slow connection"),
        }
    })
}

async fn handshake(
    server: &Arc<Server>,
    stream: TcpStream,
    timer: &Arc<IdleTimer>,
    watcher: Option<Watcher>,
) {
    let Some(config) = server.web.current().tls.clone() else {
        return serve_http(server, stream, timer, watcher).await;
    };
    match speaks_tls(&stream).await {
        Ok(true) => {}
        Ok(false) => return refuse_plain(stream).await,
        Err(error) => return tracing::debug!(%error, "a connection broke before its first byte"),
    }
    match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => serve_http(server, stream, timer, watcher).await,
        Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
    }
}

/// Whether the first byte is a TLS handshake's.
async fn speaks_tls(stream: &TcpStream) -> io::Result<bool> {
    const HANDSHAKE: u8 = 22;
    let mut first = [0];
    // An empty stream goes to the handshake, which reports it.
    Ok(stream.peek(&mut first).await? == 0 || first[0] == HANDSHAKE)
}

/// Answers a plain HTTP request on a TLS port with an error, instead of breaking the connection.
async fn refuse_plain(mut stream: TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Connection: close\r\n\r\nThis port speaks TLS: use https://, or `scheme: https` in \
        Prometheus.\n";
    let written = async {
        stream.write_all(ANSWER).await?;
        stream.shutdown().await?;
        // Closing a socket with unread bytes resets it, and the response may be lost.
        drain(&mut stream).await
    };
    let _ = timeout(Duration::from_secs(1), written).await;
}

async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut unread = tokio::io::AsyncReadExt::take(stream, MAX_HEAD as u64);
    tokio::io::copy(&mut unread, &mut tokio::io::sink()).await.map(drop)
}

async fn serve_http<S>(
    server: &Arc<Server>,
    stream: S,
    timer: &Arc<IdleTimer>,
    watcher: Option<Watcher>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // The handshake's timeout ends here; the first request has its own.
    timer.enter(Phase::Head);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let (server, timer) = (Arc::clone(server), Arc::clone(timer));
        async move {
            timer.enter(Phase::Respond);
            // No path takes a body; hyper closes the connection rather than read a long one.
            let (head, _) = request.into_parts();
            let response = route::answer(&server, &head).await;
            timer.enter(Phase::Write);
            Ok::<_, Infallible>(response)
        }
    });
    let stream = Timed { stream, timer: Arc::clone(timer) };
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper's timeout includes the idle time between two requests; the idle timer's does not.
        .header_read_timeout(None)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFER)
        // An unwatched connection was accepted while the server stops.
        .keep_alive(watcher.is_some())
        .serve_connection(TokioIo::new(stream), service);
    let ended = match watcher {
        Some(watcher) => watcher.watch(http).await,
        None => http.await,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It is sending a request's head, or is in the TLS handshake.
    Head,
    /// Its request is being answered, within the scrape's own deadline.
    Respond,
    /// It is receiving the response.
    Write,
    /// It is waiting for the next request.
    Idle,
    /// It must close, since its slot is needed.
    Close,
}

/// A connection's phase and when it began.
struct IdleTimer(watch::Sender<(Phase, Instant)>);

impl IdleTimer {
    fn new() -> Self {
        Self(watch::Sender::new((Phase::Head, Instant::now())))
    }

    fn enter(&self, phase: Phase) {
        self.0.send_modify(|state| {
            // A connection that must close closes, even if it receives data now.
            if state.0 != Phase::Close {
                *state = (phase, Instant::now());
            }
        });
    }

    fn enter_from(&self, before: Phase, phase: Phase) {
        if self.0.borrow().0 == before {
            self.enter(phase);
        }
    }

    /// Resolves with the phase that exceeds its limit.
    async fn expired(&self, limits: &Limits) -> Phase {
        let mut changes = self.0.subscribe();
        loop {
            let (phase, since) = *changes.borrow_and_update();
            let limit = match phase {
                Phase::Head => Some(limits.head),
                Phase::Write => Some(limits.write),
                Phase::Idle => Some(limits.idle),
                Phase::Close => return phase,
                Phase::Respond => None,
            };
            let late = async {
                match limit.and_then(|it| since.checked_add(it)) {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = late => return phase,
                // The sender is `self`, so this does not fail.
                _ = changes.changed() => {}
            }
        }
    }
}

/// Limits the number of open connections.
pub(super) struct ConnectionLimit {
    limit: usize,
    open: Mutex<OpenConnections>,
}

#[derive(Default)]
struct OpenConnections {
    next: u64,
    timers: BTreeMap<u64, Arc<IdleTimer>>,
}

/// An open connection's slot under the limit, released on drop.
struct ConnectionSlot {
    limit: Arc<ConnectionLimit>,
    id: u64,
    timer: Arc<IdleTimer>,
}

impl ConnectionLimit {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, open: Mutex::default() }
    }

    /// Acquires a slot. At the limit, the connection that has been idle longest is closed, so that idle
    /// connections cannot keep a scraper out; `None` when none is idle.
    fn acquire(this: &Arc<Self>) -> Option<ConnectionSlot> {
        let mut open = this.open();
        if open.timers.len() >= this.limit {
            let longest = open.idle().min_by_key(|it| it.0.borrow().1)?;
            longest.enter(Phase::Close);
        }
        let id = open.next;
        open.next += 1;
        let timer = Arc::new(IdleTimer::new());
        open.timers.insert(id, Arc::clone(&timer));
        Some(ConnectionSlot { limit: Arc::clone(this), id, timer })
    }

    /// Closes the connections that are idle or have sent only part of a request.
    pub(super) fn close_idle(&self) {
        self.open().idle().for_each(|it| it.enter(Phase::Close));
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        // Nothing that can panic happens under the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnections {
    fn idle(&self) -> impl Iterator<Item = &Arc<IdleTimer>> {
        self.timers.values().filter(|it| matches!(it.0.borrow().0, Phase::Head | Phase::Idle))
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.limit.open().timers.remove(&self.id);
    }
}

/// A stream that moves the idle timer's phase when a request begins and when a response is written.
struct Timed<S> {
    stream: S,
    timer: Arc<IdleTimer>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.timer.enter_from(Phase::Idle, Phase::Head);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        // hyper flushes after it has written all of a response, and responses are whole.
        self.timer.enter_from(Phase::Write, Phase::Idle);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
