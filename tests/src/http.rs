//! A small HTTP client: one request, one connection, one answer.

use std::{error::Error, fmt::Write as _};

use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, Uri,
    body::Bytes,
    client::conn::http1,
    header::{CONNECTION, HOST},
};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::{net::TcpStream, time::timeout};

use crate::{SOON, StackError};

/// A response of any status.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as received, possibly compressed.
    pub body: Bytes,
}

impl Response {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// An error unless the status is 200.
    pub fn accepted(&self, doing: &str) -> Result<(), StackError> {
        if self.status == 200 {
            return Ok(());
        }
        let answer = format!("status {}: {}", self.status, self.text());
        Err(StackError::Answer { doing: doing.to_owned(), answer })
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body of a good answer as JSON; another status is an error that shows the body.
    pub fn json<T: DeserializeOwned>(&self, doing: &str) -> Result<T, StackError> {
        let parsed = (200..300)
            .contains(&self.status)
            .then(|| serde_json::from_slice(&self.body).map_err(|error| error.to_string()));
        let problem = match parsed {
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) => error,
            None => format!("status {}", self.status),
        };
        let answer = format!("{problem}: {}", self.text());
        Err(StackError::Answer { doing: doing.to_owned(), answer })
    }
}

/// Fetches `http://HOST:PORT/PATH?QUERY`.
pub async fn get(url: &str) -> Result<Response, StackError> {
    send(Method::GET, url, &[], "").await
}

pub async fn get_with(url: &str, headers: &[(&str, &str)]) -> Result<Response, StackError> {
    send(Method::GET, url, headers, "").await
}

/// Posts a JSON document.
pub async fn post(url: &str, json: &serde_json::Value) -> Result<Response, StackError> {
    let headers = [("content-type", "application/json")];
    send(Method::POST, url, &headers, &json.to_string()).await
}

pub async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Response, StackError> {
    let doing = || format!("{method} {url}");
    match timeout(SOON, exchange(&method, url, headers, body)).await {
        Ok(answer) => answer.map_err(|source| StackError::Http { doing: doing(), source }),
        Err(_) => Err(StackError::Answer { doing: doing(), answer: format!("none in {SOON:?}") }),
    }
}

async fn exchange(
    method: &Method,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Response, Box<dyn Error + Send + Sync>> {
    let uri: Uri = url.parse()?;
    let authority = uri.authority().ok_or("the address names no host")?.as_str();
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Its error is the sender's too.
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, authority)
        .header(CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::<Bytes>::from(body.to_owned()))?).await?;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    driver.abort();
    Ok(Response { status: head.status.as_u16(), headers: head.headers, body })
}

/// A query string from names and values, escaped.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(byte.into());
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_escaped() {
        let pairs = [("query", "a{b=~\"c|d\"} + 1"), ("time", "5.5")];
        assert_eq!(query(&pairs), "?query=a%7Bb%3D~%22c%7Cd%22%7D%20%2B%201&time=5.5");
    }
}
