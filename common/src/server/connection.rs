//! One connection's life: TLS, requests one after the other, and a clock over each step.

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
/// What is read ahead at most, of pipelined requests or of a body that nobody wants.
const MAX_BUFFER: usize = 2 * MAX_HEAD;

/// Takes the connection in and returns its life; `None` when there is no place for it.
pub(super) fn admit(
    server: &Arc<Server>,
    stream: TcpStream,
    watcher: Option<Watcher>,
) -> Option<impl Future<Output = ()> + Send + 'static> {
    let Some(seat) = Seats::take(&server.seats) else {
        tracing::warn!("too many connections are being answered; one more was closed");
        return None;
    };
    let server = Arc::clone(server);
    Some(async move {
        let clock = Arc::clone(&seat.clock);
        let limits = &server.app.limits;
        // Answers are written whole; waiting for more to send would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        tokio::select! {
            () = begin(&server, stream, &clock, watcher) => {}
            doing = clock.overdue(limits) => tracing::debug!(?doing, "closed a slow connection"),
        }
    })
}

async fn begin(
    server: &Arc<Server>,
    stream: TcpStream,
    clock: &Arc<Clock>,
    watcher: Option<Watcher>,
) {
    let Some(config) = server.web.current().tls.clone() else {
        return talk(server, stream, clock, watcher).await;
    };
    match speaks_tls(&stream).await {
        Ok(true) => {}
        Ok(false) => return refuse_plain(stream).await,
        Err(error) => return tracing::debug!(%error, "a connection ended before it began"),
    }
    match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => talk(server, stream, clock, watcher).await,
        Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
    }
}

/// Whether the first byte is a TLS handshake's.
async fn speaks_tls(stream: &TcpStream) -> io::Result<bool> {
    const HANDSHAKE: u8 = 22;
    let mut first = [0];
    // Nothing at all is left to the handshake, which knows what to make of it.
    Ok(stream.peek(&mut first).await? == 0 || first[0] == HANDSHAKE)
}

/// Tells somebody who wrote `http://` what is wrong, in place of a broken connection.
async fn refuse_plain(mut stream: TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Connection: close\r\n\r\nThis port speaks TLS: use https://, or `scheme: https` in \
        Prometheus.\n";
    let written = async {
        stream.write_all(ANSWER).await?;
        stream.shutdown().await?;
        // What is unread when a socket closes resets it, and the answer may be lost.
        drain(&mut stream).await
    };
    let _ = timeout(Duration::from_secs(1), written).await;
}

async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut unread = tokio::io::AsyncReadExt::take(stream, MAX_HEAD as u64);
    tokio::io::copy(&mut unread, &mut tokio::io::sink()).await.map(drop)
}

async fn talk<S>(server: &Arc<Server>, stream: S, clock: &Arc<Clock>, watcher: Option<Watcher>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // The time for the handshake is over; the first request has its own.
    clock.enter(Doing::Head);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let (server, clock) = (Arc::clone(server), Arc::clone(clock));
        async move {
            clock.enter(Doing::Work);
            // No path takes a body; hyper ends the connection rather than read a long one.
            let (head, _) = request.into_parts();
            let response = route::answer(&server, &head).await;
            clock.enter(Doing::Write);
            Ok::<_, Infallible>(response)
        }
    });
    let stream = Timed { stream, clock: Arc::clone(clock) };
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper counts the rest between two requests as reading a header; the clock does not.
        .header_read_timeout(None)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFER)
        // A connection that is not watched came while the server stops.
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

/// What a connection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// It sends a request's head, or shakes hands.
    Head,
    /// Its request is being answered; the scrape's own deadline bounds that.
    Work,
    /// It takes the answer.
    Write,
    /// It rests between two requests.
    Idle,
    /// Its place is needed.
    Leave,
}

/// What a connection is about and since when.
struct Clock(watch::Sender<(Doing, Instant)>);

impl Clock {
    fn new() -> Self {
        Self(watch::Sender::new((Doing::Head, Instant::now())))
    }

    fn enter(&self, doing: Doing) {
        self.0.send_modify(|state| {
            // Whoever was told to leave does, whatever comes in meanwhile.
            if state.0 != Doing::Leave {
                *state = (doing, Instant::now());
            }
        });
    }

    fn enter_from(&self, before: Doing, doing: Doing) {
        if self.0.borrow().0 == before {
            self.enter(doing);
        }
    }

    /// Resolves when the connection takes longer for something than it may.
    async fn overdue(&self, limits: &Limits) -> Doing {
        let mut changes = self.0.subscribe();
        loop {
            let (doing, since) = *changes.borrow_and_update();
            let limit = match doing {
                Doing::Head => Some(limits.head),
                Doing::Write => Some(limits.write),
                Doing::Idle => Some(limits.idle),
                Doing::Leave => return doing,
                Doing::Work => None,
            };
            let late = async {
                match limit.and_then(|it| since.checked_add(it)) {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = late => return doing,
                // The sender is `self`, so this does not fail.
                _ = changes.changed() => {}
            }
        }
    }
}

/// The places for connections.
pub(super) struct Seats {
    limit: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    clocks: BTreeMap<u64, Arc<Clock>>,
}

/// One place; it is free again when this is dropped.
struct Seat {
    seats: Arc<Seats>,
    id: u64,
    clock: Arc<Clock>,
}

impl Seats {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, taken: Mutex::default() }
    }

    /// Takes a place. When all are taken, whoever has waited longest for a request leaves, so
    /// that idle connections cannot keep a scraper out; `None` when nobody waits.
    fn take(this: &Arc<Self>) -> Option<Seat> {
        let mut taken = this.taken();
        if taken.clocks.len() >= this.limit {
            let longest = taken.waiting().min_by_key(|it| it.0.borrow().1)?;
            longest.enter(Doing::Leave);
        }
        let id = taken.next;
        taken.next += 1;
        let clock = Arc::new(Clock::new());
        taken.clocks.insert(id, Arc::clone(&clock));
        Some(Seat { seats: Arc::clone(this), id, clock })
    }

    /// Sends away who waits for a request, or has sent but a part of one.
    pub(super) fn dismiss_waiting(&self) {
        self.taken().waiting().for_each(|it| it.enter(Doing::Leave));
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing that can panic happens under the lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn waiting(&self) -> impl Iterator<Item = &Arc<Clock>> {
        self.clocks.values().filter(|it| matches!(it.0.borrow().0, Doing::Head | Doing::Idle))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().clocks.remove(&self.id);
    }
}

/// A stream that tells the clock when a request begins and when an answer is out.
struct Timed<S> {
    stream: S,
    clock: Arc<Clock>,
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
            self.clock.enter_from(Doing::Idle, Doing::Head);
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
        // hyper flushes once all that it has of an answer is written, and answers are whole.
        self.clock.enter_from(Doing::Write, Doing::Idle);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
