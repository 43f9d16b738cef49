//! Requests to responses.

use std::{sync::Arc, time::SystemTime};

use hyper::{
    Method, StatusCode,
    header::{
        ACCEPT, ALLOW, AUTHORIZATION, CONTENT_SECURITY_POLICY, HeaderValue, RETRY_AFTER,
        WWW_AUTHENTICATE,
    },
    http::request::Parts,
};
use tokio::{task::yield_now, time::Instant};

use super::{
    Server,
    auth::Verdict,
    landing::Landing,
    metrics::WEB_CONFIG_VALID,
    query,
    reply::{Reply, content, joined, plain, with},
    timeout::collection_time,
    web_config::Active,
};
use crate::scrape::{DEFAULT_TARGET, Snapshot, encode};

/// The landing page runs no script and loads nothing, whatever text is put into it.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

/// Answers one request.
pub(super) async fn answer(server: &Server, request: &Parts) -> Reply {
    // Waiting for the password check counts toward the scraper's timeout.
    let arrived = Instant::now();
    let web = server.web.current();
    let mut reply = match refusal(server, &web, request).await {
        Some(refusal) => refusal,
        None => route(server, request, arrived).await,
    };
    for (name, value) in &web.headers {
        reply.headers_mut().insert(name, value.clone());
    }
    server.requests.count(reply.status());
    reply
}

/// The response to a request that the web configuration refuses.
async fn refusal(server: &Server, web: &Active, request: &Parts) -> Option<Reply> {
    if let Some(Err(wait)) = web.rate.as_ref().map(|it| it.take(std::time::Instant::now())) {
        let reply = plain(StatusCode::TOO_MANY_REQUESTS, "more requests than `rate_limit` allows");
        return Some(retry_after(reply, wait.as_secs() + 1));
    }
    match server.authenticator.check(&web.users, request.headers.get(AUTHORIZATION)).await {
        Verdict::Pass => None,
        Verdict::Refused => {
            let reply = plain(StatusCode::UNAUTHORIZED, "user and password are required");
            Some(with(reply, WWW_AUTHENTICATE, "Basic realm=\"pulso\", charset=\"UTF-8\""))
        }
        Verdict::Busy => {
            let reply = plain(StatusCode::TOO_MANY_REQUESTS, "too many passwords to check at once");
            Some(retry_after(reply, 1))
        }
    }
}

async fn route(server: &Server, request: &Parts, arrived: Instant) -> Reply {
    let path = request.uri.path();
    let read = request.method == Method::GET || request.method == Method::HEAD;
    let known = path == server.app.telemetry_path
        || matches!(path, "/" | "/probe" | "/-/healthy" | "/-/ready");
    match path {
        "/-/reload" => reload(server, request).await,
        _ if !known => plain(StatusCode::NOT_FOUND, "not found; `/` lists the paths"),
        _ if !read => not_allowed("GET, HEAD"),
        "/-/healthy" => plain(StatusCode::OK, "healthy"),
        "/-/ready" if !server.is_stopping() => plain(StatusCode::OK, "ready"),
        _ if server.is_stopping() => {
            retry_after(plain(StatusCode::SERVICE_UNAVAILABLE, "the exporter is stopping"), 5)
        }
        _ => {
            let Ok(_permit) = server.in_flight.try_acquire() else {
                let text = "too many requests are being answered (--web.max-requests)";
                return retry_after(plain(StatusCode::SERVICE_UNAVAILABLE, text), 1);
            };
            match path {
                _ if path == server.app.telemetry_path => metrics(server, request, arrived).await,
                "/probe" => probe(server, request, arrived).await,
                _ => landing(server, request),
            }
        }
    }
}

async fn metrics(server: &Server, request: &Parts, arrived: Instant) -> Reply {
    let app = &server.app;
    let deadline = arrived + collection_time(&request.headers, app.timeout);
    // A separate task, so that it runs while the target prepares its response.
    let writers = Arc::clone(&app.own_metrics);
    let own = tokio::spawn(async move {
        yield_now().await;
        let mut snapshot = Snapshot::default();
        writers.iter().for_each(|write| write(&mut snapshot));
        snapshot
    });
    let read = app.runner.scrape(DEFAULT_TARGET, deadline).await;
    let mut snapshot = own.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a bug hid the exporter's own metrics; please report it");
        Snapshot::default()
    });
    server.requests.write(&mut snapshot);
    let valid = server.web.health().map(|it| f64::from(it.is_ok()));
    snapshot.gauge(&WEB_CONFIG_VALID, (), valid);
    snapshot.merge(read.unwrap_or_default());
    exposition(request, &snapshot)
}

async fn probe(server: &Server, request: &Parts, arrived: Instant) -> Reply {
    let app = &server.app;
    let names = || format!("targets:\n  {}", app.runner.target_names().join("\n  "));
    let target = match query::target(request.uri.query()) {
        Ok(target) => target,
        Err(problem) => {
            return plain(StatusCode::BAD_REQUEST, &format!("{problem}\n{}", names()));
        }
    };
    let deadline = arrived + collection_time(&request.headers, app.timeout);
    let Some(snapshot) = app.runner.scrape(&target, deadline).await else {
        let text = format!("no target has that name\n{}", names());
        return plain(StatusCode::NOT_FOUND, &text);
    };
    exposition(request, &snapshot)
}

fn exposition(request: &Parts, snapshot: &Snapshot) -> Reply {
    let accept = joined(&request.headers, ACCEPT);
    let format = encode::Format::negotiate(accept.as_deref());
    content(&request.headers, format.content_type(), encode::encode(snapshot, format))
}

fn landing(server: &Server, request: &Parts) -> Reply {
    let app = &server.app;
    let problem: Option<Arc<str>> = server.web.health().and_then(Result::err);
    let page = Landing {
        exporter: app.exporter,
        about: app.about,
        version: app.version,
        telemetry_path: &app.telemetry_path,
        targets: &app.runner.status(),
        web_problem: problem.as_deref(),
        now: SystemTime::now(),
    };
    let reply = content(&request.headers, "text/html; charset=utf-8", page.render());
    with(reply, CONTENT_SECURITY_POLICY, PAGE_POLICY)
}

async fn reload(server: &Server, request: &Parts) -> Reply {
    let Some(reload) = &server.app.reload else {
        return plain(StatusCode::NOT_FOUND, "reloading is not enabled");
    };
    if request.method != Method::POST {
        return not_allowed("POST");
    }
    match reload().await {
        Ok(()) => plain(StatusCode::OK, "reloaded"),
        Err(problem) => plain(StatusCode::INTERNAL_SERVER_ERROR, &problem),
    }
}

fn not_allowed(allowed: &'static str) -> Reply {
    let text = format!("allowed here: {allowed}");
    with(plain(StatusCode::METHOD_NOT_ALLOWED, &text), ALLOW, allowed)
}

fn retry_after(mut reply: Reply, seconds: u64) -> Reply {
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    reply
}
