//! The command `health`: asks a running exporter whether it is ready, for a container's health check.

use std::{fmt, io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::server::listen::ListenAddress;

const TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST: &[u8] = b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// The server's response to plain HTTP on a TLS port.
const NEEDS_TLS: &str = "This port speaks TLS";

/// The exporter's state, as its response shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is ready.
    Ready,
    /// It responds, but only over TLS or to its users, so its readiness is not visible.
    Guarded(&'static str),
    /// It is not ready; the status line.
    Other(String),
}

impl Answer {
    pub(super) fn is_good(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Guarded(by) => write!(f, "alive; {by} hides whether it is ready"),
            Self::Other(status) => write!(f, "not ready: {status}"),
        }
    }
}

/// Sends the request to the first address.
pub(super) async fn ask(addresses: &[ListenAddress]) -> Result<Answer, AskError> {
    let address = addresses.first().map(|it| reachable(&it.to_string())).unwrap_or_default();
    let response = timeout(TIMEOUT, exchange(&address)).await;
    response
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map(|head| read(&head))
        .map_err(|source| AskError { address, source })
}

/// The request failed.
#[derive(Debug, thiserror::Error)]
#[error("requesting http://{address}/-/ready")]
pub(super) struct AskError {
    address: String,
    source: io::Error,
}

/// The loopback address for an address that means "every interface".
fn reachable(listening: &str) -> String {
    for (every, loopback) in [(":", "127.0.0.1:"), ("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")]
    {
        if let Some(port) = listening.strip_prefix(every) {
            return format!("{loopback}{port}");
        }
    }
    listening.to_owned()
}

async fn exchange(address: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(REQUEST).await?;
    let mut head = Vec::new();
    // Only the status line is used.
    match stream.take(1024).read_to_end(&mut head).await {
        // A server that refuses a request may break the connection after the response.
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(head),
    }
}

fn read(head: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().next().unwrap_or_default();
    if !line.starts_with("HTTP/") {
        return Answer::Other("the server at this address does not speak HTTP".to_owned());
    }
    match line.split(' ').nth(1) {
        Some("200") => Answer::Ready,
        Some("400") if text.contains(NEEDS_TLS) => Answer::Guarded("TLS"),
        Some("401") => Answer::Guarded("a password"),
        _ => Answer::Other(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_means_loopback() {
        let cases = [
            (":9801", "127.0.0.1:9801"),
            ("0.0.0.0:9801", "127.0.0.1:9801"),
            ("[::]:9801", "[::1]:9801"),
            ("[fe80::1]:9801", "[fe80::1]:9801"),
            ("db:9801", "db:9801"),
        ];
        for (listening, expected) in cases {
            assert_eq!(reachable(listening), expected);
        }
    }

    #[test]
    fn each_response_has_its_meaning() {
        let cases: [(&[u8], &str, bool); 7] = [
            (b"HTTP/1.1 200 OK\r\n\r\n", "ready", true),
            (
                b"HTTP/1.1 503 Service Unavailable\r\n",
                "not ready: HTTP/1.1 503 Service Unavailable",
                false,
            ),
            (b"HTTP/1.1 401 Unauthorized\r\n", "alive; a password hides whether it is ready", true),
            (
                b"HTTP/1.1 400 Bad Request\r\n\r\nThis port speaks TLS: use https://",
                "alive; TLS hides whether it is ready",
                true,
            ),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not ready: HTTP/1.1 400 Bad Request", false),
            (b"", "not ready: the server at this address does not speak HTTP", false),
            (
                b"220 mail 200 ready\r\n",
                "not ready: the server at this address does not speak HTTP",
                false,
            ),
        ];
        for (head, text, good) in cases {
            let answer = read(head);
            assert_eq!((answer.to_string().as_str(), answer.is_good()), (text, good));
        }
    }
}
