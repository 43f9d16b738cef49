//! An exporter that is measured, ours or a peer.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

use super::{Connection, Row, text::millis};
use crate::{StackError, folder::Folder, http};

/// A running exporter; it ends when this is dropped.
#[derive(Debug)]
pub struct Contender {
    /// Its name and version, for the table.
    pub name: String,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// From its start to its first good answer to `ready`.
    pub ready_after: Duration,
    child: Child,
    /// The folder of its settings.
    pub(super) folder: Option<Folder>,
}

/// The measurements of a series of scrapes.
#[derive(Clone, Copy, Debug)]
pub struct Scrapes {
    /// The median duration.
    pub median: Duration,
    /// The 99th percentile.
    pub p99: Duration,
    /// Processor time of the exporter for one scrape.
    pub cpu: Duration,
    /// Lines of the last answer that hold a sample.
    pub series: usize,
}

impl Scrapes {
    /// The rows that compare them with a peer's of the same run; the median must stay below `most`.
    pub fn beside(&self, peer: &Self, most: Duration, goal: &str) -> Vec<Row> {
        let share = self.cpu.as_secs_f64() / peer.cpu.as_secs_f64().max(1e-9);
        vec![
            Row::judged(
                "scrape, median",
                millis(self.median),
                Some(millis(peer.median)),
                goal,
                self.median < most,
            ),
            Row::shown("scrape, p99", millis(self.p99), Some(millis(peer.p99))),
            Row::judged(
                "processor time of a scrape",
                millis(self.cpu),
                Some(millis(peer.cpu)),
                format!("≤ 1/10 (is 1/{:.0})", 1.0 / share.max(1e-9)),
                share <= 0.1,
            ),
            Row::shown("series", self.series.to_string(), Some(peer.series.to_string())),
        ]
    }
}

impl Contender {
    /// Starts `program`, which must listen on `address`, and waits until `ready` answers 200.
    pub async fn start(
        name: &str,
        program: &Path,
        args: &[String],
        env: &[(&str, String)],
        address: String,
        ready: &str,
    ) -> Result<Self, StackError> {
        let log = log_file(name)?;
        let errors = log.try_clone().map_err(StackError::io("opening the log twice"))?;
        let started = Instant::now();
        let child = Command::new(program)
            .args(args)
            .envs(env.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .map_err(StackError::io(format!("starting {}", program.display())))?;
        let url = format!("http://{address}{ready}");
        loop {
            if http::get(&url).await.is_ok_and(|it| it.status == 200) {
                break;
            }
            if started.elapsed() > Duration::from_secs(20) {
                return Err(StackError::Answer {
                    doing: format!("waiting for {name} to be ready"),
                    answer: format!("none at {url}; see {}", log_path(name).display()),
                });
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Self {
            name: name.to_owned(),
            address,
            ready_after: started.elapsed(),
            child,
            folder: None,
        })
    }

    /// Scrapes `path` repeatedly, one scrape after another over one connection.
    pub async fn scrape(&self, path: &str, times: usize) -> Result<Scrapes, StackError> {
        let mut connection = Connection::open(&self.address).await?;
        for _ in 0..10 {
            connection.scrape(path).await?;
        }
        let cpu_before = self.cpu()?;
        let mut taken = Vec::with_capacity(times);
        for _ in 0..times {
            let started = Instant::now();
            connection.scrape(path).await?;
            taken.push(started.elapsed());
        }
        let cpu = self.cpu()?.saturating_sub(cpu_before) / u32::try_from(times).unwrap_or(u32::MAX);
        taken.sort();
        let text = http::get(&format!("http://{}{path}", self.address)).await?.text();
        let series = text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).count();
        let (median, p99) = (taken[times / 2], taken[(times * 99 / 100).min(times - 1)]);
        Ok(Scrapes { median, p99, cpu, series })
    }

    /// The memory that it holds now, in bytes.
    pub fn resident(&self) -> Result<u64, StackError> {
        let text = self.proc("status")?;
        let kib = text.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        });
        Ok(kib.unwrap_or_default() * 1024)
    }

    /// Processor time of all its threads, those that have ended included: in hundredths of a
    /// second, which a few hundred scrapes make fine enough.
    pub fn cpu(&self) -> Result<Duration, StackError> {
        let stat = self.proc("stat")?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = after_name
            .split_ascii_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|it| it.parse::<u64>().ok())
            .sum();
        Ok(Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()))
    }

    fn proc(&self, name: &str) -> Result<String, StackError> {
        let path = format!("/proc/{}/{name}", self.child.id().unwrap_or_default());
        fs::read_to_string(&path).map_err(StackError::io(format!("reading {path}")))
    }
}

fn log_path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("pulso-bench-{}.log", name.replace([' ', '/'], "-")))
}

fn log_file(name: &str) -> Result<fs::File, StackError> {
    let path = log_path(name);
    fs::File::create(&path).map_err(StackError::io(format!("writing {}", path.display())))
}
