//! Accepts connections from all listeners, and survives running out of file descriptors.

use std::{future::poll_fn, io, task::Poll, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// How long to wait when the system has no file descriptor or memory for a connection.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Acceptor {
    listeners: Vec<TcpListener>,
    /// The listener to poll next, so that a busy one does not starve the others.
    next_listener: usize,
    failing: bool,
}

impl Acceptor {
    pub(super) fn new(listeners: Vec<TcpListener>) -> Self {
        Self { listeners, next_listener: 0, failing: false }
    }

    /// The next connection. Dropping the future loses none.
    pub(super) async fn next(&mut self) -> TcpStream {
        loop {
            match self.accept().await {
                Ok(stream) => {
                    if self.failing {
                        tracing::info!("connections are accepted again");
                    }
                    self.failing = false;
                    return stream;
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    if !self.failing {
                        tracing::error!(%error, "cannot accept connections; retrying");
                    }
                    self.failing = true;
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn accept(&mut self) -> io::Result<TcpStream> {
        let Self { listeners, next_listener, .. } = self;
        poll_fn(|context| {
            for _ in 0..listeners.len() {
                *next_listener = (*next_listener + 1) % listeners.len();
                if let Poll::Ready(accepted) = listeners[*next_listener].poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Whether the connection broke before it was accepted, which is no fault of the server.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
