//! Durations on a machine that runs other programs as well.

use std::{
    fs,
    time::{Duration, Instant},
};

/// Measures elapsed time less the time spent waiting for a processor. On an idle machine that is
/// wall-clock time.
#[derive(Debug)]
pub struct Stopwatch {
    pids: Vec<u32>,
    started: Instant,
    queued: Duration,
}

impl Stopwatch {
    /// Starts to measure this process and those in `pids`.
    pub fn start(pids: &[u32]) -> Self {
        let mut pids = pids.to_vec();
        pids.push(std::process::id());
        let queued = queued(&pids);
        Self { pids, started: Instant::now(), queued }
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        let elapsed = self.started.elapsed();
        elapsed.saturating_sub(queued(&self.pids).saturating_sub(self.queued))
    }
}

/// How long all threads of the processes have waited for a processor.
fn queued(pids: &[u32]) -> Duration {
    let threads = pids.iter().flat_map(|pid| fs::read_dir(format!("/proc/{pid}/task")));
    let nanos = threads.flatten().flatten().filter_map(|thread| {
        // "nanoseconds on a processor, nanoseconds ready and waiting for one, time slices"
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn time_spent_asleep_counts() {
        let watch = Stopwatch::start(&[]);
        let clock = Instant::now();
        tokio::time::sleep(Duration::from_millis(100)).await;
        // Time spent in the queue of the processor may go down to nothing, and never above the clock's.
        assert!(watch.elapsed() <= clock.elapsed());
        assert!(watch.elapsed() + queued(&[std::process::id()]) >= Duration::from_millis(100));
    }
}
