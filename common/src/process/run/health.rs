//! Asks a running exporter how it is, for the health check of a container.

use std::{fmt, io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::server::listen::ListenAddress;

const TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST: &[u8] = b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// What the server says on a port with TLS to somebody who comes without.
const NEEDS_TLS: &str = "This port speaks TLS";

/// What the exporter answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is ready.
    Ready,
    /// It answers, but only with TLS or to users, so how ready it is cannot be seen.
    Guarded(&'static str),
    /// It answers otherwise; the status line.
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

/// Asks at the first address.
pub(super) async fn ask(addresses: &[ListenAddress]) -> Result<Answer, AskError> {
    let address = addresses.first().map(|it| reachable(&it.to_string())).unwrap_or_default();
    let asked = timeout(TIMEOUT, exchange(&address)).await;
    asked
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map(|head| read(&head))
        .map_err(|source| AskError { address, source })
}

/// The exporter could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("asking http://{address}/-/ready")]
pub(super) struct AskError {
    address: String,
    source: io::Error,
}

/// An address that means "every interface" is asked at loopback.
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
    // The status line is all that is looked at.
    match stream.take(1024).read_to_end(&mut head).await {
        // Who refuses a request may cut the connection behind the answer.
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(head),
    }
}

fn read(head: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().next().unwrap_or_default();
    if !line.starts_with("HTTP/") {
        return Answer::Other("what answers there does not speak HTTP".to_owned());
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
    fn every_interface_is_asked_at_loopback() {
        let cases = [
            (":9801", "127.0.0.1:9801"),
            ("0.0.0.0:9801", "127.0.0.1:9801"),
            ("[::]:9801", "[::1]:9801"),
            ("[fe80::1]:9801", "[fe80::1]:9801"),
            ("db:9801", "db:9801"),
        ];
        for (listening, asked) in cases {
            assert_eq!(reachable(listening), asked);
        }
    }

    #[test]
    fn each_answer_is_told_apart() {
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
            (b"", "not ready: what answers there does not speak HTTP", false),
            (b"220 mail 200 ready\r\n", "not ready: what answers there does not speak HTTP", false),
        ];
        for (head, text, good) in cases {
            let answer = read(head);
            assert_eq!((answer.to_string().as_str(), answer.is_good()), (text, good));
        }
    }
}
