//! The signals that stop the process.

use std::{future::Future, io};

use tokio::signal::unix::{SignalKind, signal};

/// Resolves on the first SIGTERM or SIGINT after the call; both stop the process.
///
/// The handlers are installed when this returns, so that a signal before the first poll of the future is
/// not lost. A second signal has no effect: the server's deadline ends the wait.
///
/// # Errors
/// When the system refuses a signal handler, or there is no runtime to drive it.
pub fn signalled() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping");
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    // One test for both: a signal reaches every handler of the process, so two tests that raise
    // signals at once would wake each other's future.
    #[tokio::test]
    async fn either_signal_stops_and_none_is_lost_before_the_await() {
        for sent in [Signal::TERM, Signal::INT] {
            let stop = signalled().unwrap();
            kill_process(getpid(), sent).unwrap();
            tokio::time::timeout(Duration::from_secs(5), stop).await.expect("the signal was seen");
        }
        let stop = signalled().unwrap();
        let waited = tokio::time::timeout(Duration::from_millis(50), stop).await;
        assert!(waited.is_err(), "nothing was sent, so nothing stops");
    }
}
