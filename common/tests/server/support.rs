//! A server on a free port, scripted collectors, and a client that sends bytes.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use common::{
    metric::Gauge,
    scrape::{BoxedCollector, CollectError, Collector, Reason, Snapshot, Target, runner::Runner},
    server::{App, WebConfig, listen, serve},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::{Instant, timeout},
};

common::labels! {
    /// A thing.
    pub struct ThingLabels {
        thing: String,
    }
}

common::catalog! {
    /// Things of the test
    pub static THINGS: Gauge<ThingLabels> = "things";
    /// Whether it is up
    pub static UP: Gauge = "thing_up";
}

/// The behaviour of a collector.
pub(crate) enum Does {
    /// Writes this many things.
    Writes(usize),
    /// Writes one thing and fails.
    Fails,
    /// Never ends.
    Hangs,
    /// Notifies that it began, and ends when it is notified.
    Waits(Arc<Notify>, Arc<Notify>),
    /// Panics.
    Panics,
}

struct Scripted(&'static str, Does);

impl Collector for Scripted {
    fn name(&self) -> &str {
        self.0
    }

    async fn collect(&self, _: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let mut write = |thing: String| out.gauge(&THINGS, ThingLabels { thing }, 1.0);
        match &self.1 {
            Does::Writes(count) => (0..*count).for_each(|it| write(format!("thing {it}"))),
            Does::Fails => {
                write("before the failure".to_owned());
                return Err(CollectError::new(Reason::Permission, "reading the things")
                    .with_source("permission denied for table <things>")
                    .with_hint("GRANT SELECT ON things TO pulso;"));
            }
            Does::Hangs => std::future::pending().await,
            Does::Waits(began, end) => {
                began.notify_one();
                end.notified().await;
                write("after the wait".to_owned());
            }
            Does::Panics => panic!("scripted"),
        }
        Ok(())
    }
}

pub(crate) fn target(name: &str, collectors: Vec<(&'static str, Does)>) -> Target {
    Target {
        name: name.to_owned(),
        address: "db.example:5432/app".to_owned(),
        up: Some((&UP, collectors[0].0)),
        collectors: collectors
            .into_iter()
            .map(|(name, does)| Box::new(Scripted(name, does)) as BoxedCollector)
            .collect(),
    }
}

pub(crate) fn app(targets: Vec<Target>) -> App {
    App::new("test-exporter", "Things & such", "1.2.3", Runner::new(targets))
}

/// An app with one collector of this behaviour.
pub(crate) fn app_that(does: Does) -> App {
    app(vec![target("default", vec![("things", does)])])
}

/// A server that runs until it is dropped or stopped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

pub(crate) async fn start(app: App) -> Running {
    start_with(app, WebConfig::open()).await
}

pub(crate) async fn start_with(app: App, web: WebConfig) -> Running {
    let listeners = listen::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let address = listeners[0].local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let task = tokio::spawn(serve(listeners, Arc::new(app), web, shutdown));
    Running { address, stop: Some(stop), task }
}

impl Running {
    pub(crate) fn ask_to_stop(&mut self) {
        let _ = self.stop.take().expect("stopped once").send(());
    }

    pub(crate) async fn stopped(self) {
        soon(self.task).await.unwrap().unwrap();
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Reply {
        converse(self.connect().await, bytes).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_with(path, "").await
    }

    /// `headers`: whole lines.
    pub(crate) async fn get_with(&self, path: &str, headers: &str) -> Reply {
        self.send(get(path, headers).as_bytes()).await
    }
}

pub(crate) fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n")
}

pub(crate) async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    bytes: &[u8],
) -> Reply {
    stream.write_all(bytes).await.unwrap();
    Reply::parse(&read_to_end(&mut stream).await)
}

/// All bytes until the server closes the connection, also after a reset.
pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    bytes
}

/// Fails the test rather than hang it.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(20), future).await.expect("within 20 s")
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, bytes: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn body(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) -> &Self {
        assert!(self.body().contains(text), "no {text:?} in\n{}", self.body());
        self
    }

    #[track_caller]
    pub(crate) fn status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

/// A folder that is removed when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pulso-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Replaces a file atomically, by writing another and renaming it.
    pub(crate) fn put(&self, name: &str, text: &str) -> PathBuf {
        let (path, new) = (self.path(name), self.path(&format!("{name}.new")));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &path).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}
