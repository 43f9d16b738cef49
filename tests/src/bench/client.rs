//! A keep-alive HTTP connection, as Prometheus has one to each target.

use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::StackError;

/// A connection that is reused for all requests, as long as the server keeps it open.
#[derive(Debug)]
pub struct Connection {
    sender: http1::SendRequest<Empty<Bytes>>,
    address: String,
}

impl Connection {
    /// Connects to `127.0.0.1:PORT`.
    pub async fn open(address: &str) -> Result<Self, StackError> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(StackError::io(format!("connecting to {address}")))?;
        stream.set_nodelay(true).map_err(StackError::io("setting TCP_NODELAY"))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| failed(address, &error.to_string()))?;
        tokio::spawn(async { drop(connection.await) });
        Ok(Self { sender, address: address.to_owned() })
    }

    /// Scrapes `path` as Prometheus 2.42 does, and gives the body.
    pub async fn scrape(&mut self, path: &str) -> Result<Bytes, StackError> {
        let request = Request::get(path)
            .header(HOST, &self.address)
            .header("accept", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1")
            .header("accept-encoding", "gzip")
            .header("x-prometheus-scrape-timeout-seconds", "10")
            .body(Empty::new())
            .map_err(|error| failed(&self.address, &error.to_string()))?;
        // Some exporters speak HTTP/1.0, which ends the connection with each answer.
        if self.sender.ready().await.is_err() {
            *self = Self::open(&self.address).await?;
        }
        let answer = self
            .sender
            .send_request(request)
            .await
            .map_err(|error| failed(&self.address, &error.to_string()))?;
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(|error| failed(&self.address, &error.to_string()))?
            .to_bytes();
        if status.is_success() { Ok(body) } else { Err(failed(&self.address, status.as_str())) }
    }
}

fn failed(address: &str, answer: &str) -> StackError {
    StackError::Answer { doing: format!("scraping {address}"), answer: answer.to_owned() }
}
