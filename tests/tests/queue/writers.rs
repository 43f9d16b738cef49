//! Twelve writers at once, two scrapers, scrapes that are given up: the counters are the log's.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use common::scrape::Snapshot;
use tokio_postgres::Client;

use crate::support::{Exporter, MAPPING, database};

/// The expected result: each stamp of an end, in the transaction that wrote it.
const LOG: &str = "
    CREATE TABLE log (queue text, event text, stamp timestamptz, retries int);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'INSERT' THEN INSERT INTO log VALUES (NEW.tipo, 'created', NEW.creado_en, 0); END IF;
      IF NEW.estado IN ('completed', 'failed', 'cancelled')
         AND (TG_OP = 'INSERT' OR (OLD.estado, OLD.finalizado_en) IS DISTINCT FROM (NEW.estado, NEW.finalizado_en)) THEN
        INSERT INTO log VALUES (NEW.tipo, NEW.estado, NEW.finalizado_en, least(NEW.intentos - 1, 1));
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER note AFTER INSERT OR UPDATE ON queue_jobs FOR EACH ROW EXECUTE FUNCTION note();";

/// Numbers that look random, the same in each run of a writer.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    async fn pause(&mut self, longest: u64) {
        tokio::time::sleep(Duration::from_millis(self.roll(longest) + 1)).await;
    }
}

struct Writer {
    number: u64,
    client: Client,
    dice: Dice,
    /// How many scrapes were answered.
    scrapes: Arc<AtomicU64>,
}

impl Writer {
    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    async fn insert(&mut self) -> i64 {
        let queue = ["email", "slack", "webhook"][usize::try_from(self.dice.roll(3)).unwrap()];
        let sql = "INSERT INTO queue_jobs (tipo, estado, iniciado_en, intentos)
                   VALUES ($1, 'processing', now(), 1) RETURNING id";
        self.client.query_one(sql, &[&queue]).await.unwrap().get(0)
    }

    async fn finish(&mut self, id: i64) {
        let state = ["completed", "completed", "failed", "cancelled"];
        let state = state[usize::try_from(self.dice.roll(4)).unwrap()];
        let stamp = ["now()", "clock_timestamp()"][usize::try_from(self.dice.roll(2)).unwrap()];
        self.run(&format!(
            "UPDATE queue_jobs SET estado = '{state}', finalizado_en = {stamp} WHERE id = {id}"
        ))
        .await;
    }

    /// Until a scrape has begun and ended after what was committed.
    async fn scraped(&self) {
        let seen = self.scrapes.load(Ordering::SeqCst);
        while self.scrapes.load(Ordering::SeqCst) < seen + 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn work(&mut self, round: u64) {
        match self.dice.roll(7) {
            // At once.
            0 => {
                let id = self.insert().await;
                self.finish(id).await;
            }
            // Committed long after the stamp.
            1 => {
                self.run("BEGIN").await;
                let id = self.insert().await;
                self.finish(id).await;
                self.dice.pause(900).await;
                self.run("COMMIT").await;
            }
            // Nothing written for long, then stamped with the start.
            2 => {
                self.run("BEGIN").await;
                self.dice.pause(700).await;
                let id = self.insert().await;
                self.finish(id).await;
                let end = if self.dice.roll(4) == 0 { "ROLLBACK" } else { "COMMIT" };
                self.run(end).await;
            }
            // Under savepoints, kept and not.
            3 => {
                self.run("BEGIN; SAVEPOINT a").await;
                let id = self.insert().await;
                self.finish(id).await;
                self.run("RELEASE a; SAVEPOINT b").await;
                let id = self.insert().await;
                self.finish(id).await;
                self.run("ROLLBACK TO b").await;
                self.dice.pause(400).await;
                let id = self.insert().await;
                self.finish(id).await;
                self.run("COMMIT").await;
            }
            // Failed, tried again, completed; and annotated.
            4 => {
                let id = self.insert().await;
                self.run(&format!(
                    "UPDATE queue_jobs SET estado = 'failed', finalizado_en = now() WHERE id = {id}"
                ))
                .await;
                self.scraped().await;
                self.run(&format!("UPDATE queue_jobs SET error = 'seen' WHERE id = {id}")).await;
                self.run(&format!(
                    "UPDATE queue_jobs SET estado = 'processing', intentos = 2 WHERE id = {id}"
                ))
                .await;
                self.dice.pause(200).await;
                self.run(&format!(
                    "UPDATE queue_jobs SET estado = 'completed', finalizado_en = now() WHERE id = {id}"
                ))
                .await;
            }
            // In two phases.
            5 => {
                self.run("BEGIN").await;
                let id = self.insert().await;
                self.finish(id).await;
                self.dice.pause(200).await;
                let name = format!("w{}r{round}", self.number);
                self.run(&format!("PREPARE TRANSACTION '{name}'")).await;
                self.dice.pause(600).await;
                self.run(&format!("COMMIT PREPARED '{name}'")).await;
            }
            // Deleted once it was seen.
            _ => {
                let id = self.insert().await;
                self.finish(id).await;
                self.scraped().await;
                self.run(&format!("DELETE FROM queue_jobs WHERE id = {id}")).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_counts_twice() {
    let (server, client) = database().await;
    client.batch_execute(LOG).await.unwrap();
    let mapping = format!("{MAPPING}\nsettle = \"100ms\"\nevery_run_finishes = true");
    let exporter = Exporter::new(&server.url("app"), &mapping);
    exporter.scrape_ok().await;

    let stop = Arc::new(AtomicBool::new(false));
    let scrapes = Arc::new(AtomicU64::new(0));
    let mut readers = Vec::new();
    for reader in 0..2 {
        let (exporter, stop, scrapes) = (exporter.clone(), Arc::clone(&stop), Arc::clone(&scrapes));
        readers.push(tokio::spawn(async move {
            let mut dice = Dice(reader);
            let (mut exact, mut highest) = (true, 0.0_f64);
            while !stop.load(Ordering::SeqCst) {
                if dice.roll(8) == 0 {
                    // A scraper that gives up at some point in between.
                    exporter.scrape_within(Duration::from_micros(dice.roll(5000))).await;
                } else {
                    let snapshot = exporter.scrape().await;
                    if exporter.failure().is_none()
                        && snapshot.family("queue_jobs_finished_total").is_some()
                    {
                        scrapes.fetch_add(1, Ordering::SeqCst);
                        exact &= snapshot.value("queue_counting_exact", &["hv"]) == Some(1.0);
                        let finished =
                            crate::support::total(&snapshot, "queue_jobs_finished_total");
                        assert!(
                            finished >= highest,
                            "a counter went back: {highest} -> {finished}"
                        );
                        highest = finished;
                    }
                }
                dice.pause(150).await;
            }
            exact
        }));
    }

    let mut writers = Vec::new();
    for number in 0..12 {
        let client = server.connect("app").await.unwrap();
        let scrapes = Arc::clone(&scrapes);
        let mut writer = Writer { number, client, dice: Dice(number * 7919), scrapes };
        writers.push(tokio::spawn(async move {
            for round in 0..30 {
                writer.work(round).await;
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap(), "counting was exact throughout");
    }

    let snapshot = e2e::eventually(e2e::SOON, || async {
        let snapshot = exporter.scrape().await;
        exporter.failure().map_or(Ok(snapshot), Err)
    })
    .await;
    assert_eq!(counted(&snapshot), truth(&client).await);
    let again = exporter.scrape_ok().await;
    assert_eq!(counted(&again), counted(&snapshot));
    assert_eq!(again.value("queue_jobs_counted_late_total", &["hv"]), Some(0.0));
}

type Counts = BTreeMap<(String, &'static str), i64>;

async fn truth(client: &Client) -> Counts {
    let events: [(&str, &str); 5] = [
        ("created", "queue_jobs_enqueued_total"),
        ("completed", "queue_jobs_finished_total"),
        ("failed", "queue_jobs_failed_total"),
        ("cancelled", "queue_jobs_cancelled_total"),
        ("", "queue_jobs_retried_total"),
    ];
    let mut counts = Counts::new();
    for row in client
        .query("SELECT queue, event, count(*), sum(retries) FROM log GROUP BY 1, 2", &[])
        .await
        .unwrap()
    {
        let (queue, event): (String, String) = (row.get(0), row.get(1));
        let (rows, retries): (i64, i64) = (row.get(2), row.get(3));
        let name = events.iter().find(|(it, _)| *it == event).unwrap().1;
        *counts.entry((queue.clone(), name)).or_default() += rows;
        if ["failed", "cancelled"].contains(&event.as_str()) {
            *counts.entry((queue.clone(), "queue_jobs_finished_total")).or_default() += rows;
        }
        *counts.entry((queue, "queue_jobs_retried_total")).or_default() += retries;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

fn counted(snapshot: &Snapshot) -> Counts {
    let mut counts = Counts::new();
    for name in [
        "queue_jobs_enqueued_total",
        "queue_jobs_finished_total",
        "queue_jobs_failed_total",
        "queue_jobs_cancelled_total",
        "queue_jobs_retried_total",
    ] {
        for queue in ["email", "slack", "webhook"] {
            let value = snapshot.value(name, &["hv", queue]).unwrap_or_default();
            #[allow(clippy::cast_possible_truncation, reason = "counts of a test are small")]
            counts.insert((queue.to_owned(), name), value as i64);
        }
    }
    counts.retain(|_, count| *count > 0);
    counts
}
