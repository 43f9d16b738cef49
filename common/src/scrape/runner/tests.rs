//! The runner on a paused clock, which advances when every task waits.

use std::{
    io,
    sync::{
        Once,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::*;
use crate::{
    metric::Gauge,
    scrape::{BoxedCollector, CollectError, Collector, snapshot::SERIES_LIMIT},
};

crate::catalog! {
    /// Whether it is up
    static UP: Gauge = "thing_up";
    /// How often it ran
    static RUNS: Gauge = "thing_runs";
    /// Something slow
    static SLOW: Gauge = "thing_slow";
    /// Too much
    static MANY: Gauge<NumberLabels> = "thing_many";
}

crate::labels! {
    struct NumberLabels {
        number: String,
    }
}

/// What the run of that number does.
type Script = fn(u32) -> Step;

/// A collector whose runs follow a script.
struct Scripted {
    name: &'static str,
    runs: AtomicU32,
    script: Script,
    alive: Arc<AtomicUsize>,
}

enum Step {
    Take(Duration),
    Fail(Reason),
    Panic,
    Freeze,
    Flood,
}

impl Collector for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    async fn collect(&self, _deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let _guard = Alive::new(&self.alive);
        let metric = if self.name == "slow" { &SLOW } else { &RUNS };
        out.gauge(metric, (), f64::from(run + 1));
        match (self.script)(run) {
            Step::Take(duration) => sleep(duration).await,
            Step::Fail(reason) => {
                let source = io::Error::from(io::ErrorKind::ConnectionRefused);
                let error = CollectError::new(reason, "reading the thing").with_source(source);
                return Err(error.with_hint("start it"));
            }
            Step::Panic => panic!("on purpose"),
            Step::Freeze => std::future::pending().await,
            Step::Flood => {
                for number in 0..SERIES_LIMIT + 2 {
                    out.gauge(&MANY, NumberLabels { number: number.to_string() }, 1.0);
                }
            }
        }
        Ok(())
    }
}

/// Counts the collections that exist.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn runner(scripts: &[(&'static str, Script)]) -> (Arc<Runner>, Arc<AtomicUsize>) {
    let alive = Arc::new(AtomicUsize::new(0));
    let collector = |(name, script): &(&'static str, Script)| {
        let (runs, alive) = (AtomicU32::new(0), Arc::clone(&alive));
        Box::new(Scripted { name, runs, script: *script, alive }) as BoxedCollector
    };
    let target = Target {
        name: "default".to_owned(),
        address: "thing.example:1".to_owned(),
        up: Some((&UP, scripts[0].0)),
        collectors: scripts.iter().map(collector).collect(),
    };
    (Arc::new(Runner::new(vec![target])), alive)
}

fn within(seconds: f64) -> Instant {
    Instant::now() + Duration::from_secs_f64(seconds)
}

fn failures(snapshot: &Snapshot, collector: &str, reason: Reason) -> Option<f64> {
    snapshot.value("pulso_collector_failures_total", &[collector, reason.as_str()])
}

fn success(snapshot: &Snapshot, collector: &str) -> Option<f64> {
    snapshot.value("pulso_collector_success", &[collector])
}

#[tokio::test(start_paused = true)]
async fn collectors_run_concurrently_and_are_measured() {
    let (runner, _) = runner(&[
        ("quick", |_| Step::Take(Duration::from_secs(2))),
        ("slow", |_| Step::Take(Duration::from_secs(3))),
    ]);
    let started = Instant::now();

    let answer = runner.scrape("default", within(10.0)).await.unwrap();

    assert_eq!(started.elapsed().as_secs(), 3);
    assert_eq!(answer.value("thing_up", &[]), Some(1.0));
    assert_eq!(answer.value("pulso_collector_duration_seconds", &["quick"]), Some(2.0));
    assert_eq!(success(&answer, "slow"), Some(1.0));
    for reason in Reason::ALL {
        assert_eq!(
            failures(&answer, "quick", reason),
            Some(0.0),
            "exported before the first failure"
        );
    }
    assert!(runner.scrape("nobody", within(1.0)).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_frozen_source_costs_no_scrape() {
    let (runner, _) =
        runner(&[("frozen", |_| Step::Freeze), ("slow", |_| Step::Take(Duration::from_secs(1)))]);
    let started = Instant::now();

    let answer = runner.scrape("default", within(4.5)).await.unwrap();

    assert_eq!(started.elapsed().as_millis(), 4500);
    assert_eq!(answer.value("thing_up", &[]), Some(0.0));
    assert_eq!(success(&answer, "frozen"), Some(0.0));
    assert_eq!(failures(&answer, "frozen", Reason::Timeout), Some(1.0));
    assert_eq!(success(&answer, "slow"), Some(1.0), "other collectors are served");
    assert_eq!(
        answer.value("thing_runs", &[]),
        Some(1.0),
        "samples from before the freeze are served"
    );
    let status = &runner.status()[0];
    assert_eq!(status.up, Some(false));
    let failure = status.collectors[0].last.as_ref().unwrap().failure.as_ref().unwrap();
    assert!(failure.message.contains("no answer within 4.5 s"), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn concurrent_scrapes_share_one_collection() {
    let (runner, _) = runner(&[("quick", |_| Step::Take(Duration::from_secs(2)))]);
    let late = async {
        sleep(Duration::from_secs(1)).await;
        runner.scrape("default", within(10.0)).await.unwrap()
    };

    let (one, other) = tokio::join!(runner.scrape("default", within(10.0)), late);
    let next = runner.scrape("default", within(10.0)).await.unwrap();

    assert_eq!(one.unwrap().value("thing_runs", &[]), Some(1.0));
    assert_eq!(other.value("thing_runs", &[]), Some(1.0));
    assert_eq!(next.value("thing_runs", &[]), Some(2.0), "no answer is cached");
}

#[tokio::test(start_paused = true)]
async fn a_scrape_with_less_time_gets_the_results_so_far() {
    let (runner, _) = runner(&[
        ("quick", |_| Step::Take(Duration::from_secs(1))),
        ("slow", |_| Step::Take(Duration::from_secs(5))),
    ]);
    let started = Instant::now();
    let hasty = async {
        let answer = runner.scrape("default", within(2.0)).await.unwrap();
        (answer, started.elapsed())
    };

    let (patient, (hasty, waited)) = tokio::join!(runner.scrape("default", within(10.0)), hasty);

    assert_eq!(waited.as_secs(), 2);
    assert_eq!(success(&hasty, "quick"), Some(1.0));
    assert_eq!(hasty.value("thing_up", &[]), Some(1.0));
    assert_eq!(success(&hasty, "slow"), Some(0.0));
    assert_eq!(hasty.value("thing_slow", &[]), None);
    assert_eq!(hasty.value("pulso_collector_duration_seconds", &["slow"]), Some(2.0));
    let patient = patient.unwrap();
    assert_eq!(success(&patient, "slow"), Some(1.0), "its collection went on");
    assert_eq!(failures(&patient, "slow", Reason::Timeout), Some(0.0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_only_its_collector() {
    let (runner, _) =
        runner(&[("quick", |_| Step::Take(Duration::ZERO)), ("slow", |_| Step::Panic)]);

    for runs in [1.0, 2.0] {
        let answer = runner.scrape("default", within(1.0)).await.unwrap();
        assert_eq!(answer.value("thing_up", &[]), Some(1.0));
        assert_eq!(failures(&answer, "slow", Reason::Internal), Some(runs));
    }
    let failure = runner.status()[0].collectors[1].last.clone().unwrap().failure.unwrap();
    assert!(failure.message.ends_with("the collector panicked: on purpose"), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn a_scraper_that_hangs_up_leaks_nothing() {
    let (runner, alive) = runner(&[("frozen", |_| Step::Freeze)]);
    let tasks = || Handle::current().metrics().num_alive_tasks();

    for _ in 0..100 {
        let gone = timeout(Duration::from_millis(10), runner.scrape("default", within(5.0))).await;
        assert!(gone.is_err());
        assert_eq!(
            (tasks(), alive.load(Ordering::Relaxed)),
            (1, 1),
            "one collection for all of them"
        );
    }
    sleep(Duration::from_secs(5)).await;

    assert_eq!((tasks(), alive.load(Ordering::Relaxed)), (0, 0));
    let target = &runner.targets()["default"];
    assert!(target.collection().is_none());
    assert_eq!(Arc::strong_count(target), 1);
}

#[tokio::test(start_paused = true)]
async fn close_waits_for_collections_in_flight() {
    let (runner, alive) = runner(&[("quick", |_| Step::Take(Duration::from_secs(2)))]);
    let scraping = tokio::spawn({
        let runner = Arc::clone(&runner);
        async move { runner.scrape("default", within(10.0)).await }
    });
    tokio::task::yield_now().await;

    runner.close().await;

    assert_eq!(alive.load(Ordering::Relaxed), 0);
    assert_eq!(Arc::strong_count(&runner.targets()["default"]), 1);
    assert!(scraping.await.unwrap().is_some(), "the scrape was answered");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_logged_when_it_begins_and_when_it_ends() {
    let (runner, _) = runner(&[("quick", |run| match run {
        1 | 2 => Step::Fail(Reason::Connect),
        3 => Step::Fail(Reason::Auth),
        _ => Step::Take(Duration::ZERO),
    })]);
    let (log, _guard) = capture();

    for _ in 0..6 {
        runner.scrape("default", within(1.0)).await;
    }

    let log = log.text();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 3, "{log}");
    for part in [
        "WARN",
        "target=\"default\"",
        "collector=\"quick\"",
        "reason=\"connect\"",
        "hint=\"start it\"",
        "error=\"reading the thing: connection refused\"",
    ] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
    assert!(lines[1].contains("reason=\"auth\""), "a new reason is logged: {log}");
    assert!(lines[2].contains("INFO") && lines[2].contains("works again"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn dropped_series_are_counted_and_logged_once() {
    let (runner, _) = runner(&[("flood", |_| Step::Flood)]);
    let (log, _guard) = capture();

    let first = runner.scrape("default", within(1.0)).await.unwrap();
    let second = runner.scrape("default", within(1.0)).await.unwrap();

    assert_eq!(first.value("pulso_series_dropped_total", &["thing_many"]), Some(2.0));
    assert_eq!(second.value("pulso_series_dropped_total", &["thing_many"]), Some(4.0));
    assert_eq!(log.text().lines().count(), 1, "{}", log.text());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log of this thread while the guard lives.
fn capture() -> (Log, tracing::subscriber::DefaultGuard) {
    // `tracing` caches that a call site has no subscriber, for all threads, and another test may
    // reach a call site first. A global subscriber prevents that.
    static GLOBAL: Once = Once::new();
    GLOBAL.call_once(|| {
        let nowhere = tracing_subscriber::fmt().with_writer(io::sink).finish();
        tracing::subscriber::set_global_default(nowhere).unwrap();
    });
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (log, tracing::subscriber::set_default(subscriber))
}
