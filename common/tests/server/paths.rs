//! Each path: its answers and refusals.

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use common::server::{App, Limits};
use flate2::read::GzDecoder;
use tokio::sync::Notify;

use crate::support::{Does, app, app_that, soon, start, target};

#[tokio::test]
async fn a_failing_collector_leaves_a_partial_answer() {
    let collectors = vec![("good", Does::Writes(1)), ("bad", Does::Fails)];
    let server = start(app(vec![target("default", collectors)])).await;
    let reply = server.get("/metrics").await;
    reply.status(200);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "thing_up 1\n",
        "things{thing=\"thing 0\"} 1\n",
        "things{thing=\"before the failure\"} 1\n",
        "pulso_collector_success{collector=\"good\"} 1\n",
        "pulso_collector_success{collector=\"bad\"} 0\n",
        "pulso_collector_failures_total{collector=\"bad\",reason=\"permission\"} 1\n",
        "pulso_http_requests_total{code=\"200\"} 0\n",
    ] {
        reply.has(line);
    }
    assert!(!reply.body().contains("pulso_web_config_valid"), "there is no file to be valid");
    server.get("/metrics").await.has("pulso_http_requests_total{code=\"200\"} 1\n");
}

#[tokio::test]
async fn format_and_encoding_are_negotiated() {
    let server = start(app_that(Does::Writes(1))).await;
    let accept = "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n";
    let reply = server.get_with("/metrics", accept).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(reply.header("content-type"), Some(kind));
    assert!(reply.body().ends_with("# EOF\n"));
    assert_eq!(reply.header("content-encoding"), None);

    let headers = format!("{accept}Accept-Encoding: gzip\r\n");
    let reply = server.get_with("/metrics", &headers).await;
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert_eq!(reply.header("content-type"), Some(kind));
    assert_eq!(reply.header("vary"), Some("accept, accept-encoding"));
    let mut text = String::new();
    GzDecoder::new(&reply.bytes[..]).read_to_string(&mut text).unwrap();
    assert!(text.ends_with("# EOF\n") && text.contains("thing 0"), "{text}");

    let reply = server.get_with("/metrics", "Accept-Encoding: gzip;q=0, identity\r\n").await;
    assert_eq!(reply.header("content-encoding"), None);
    reply.has("thing 0");
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = start(app_that(Does::Writes(1))).await;
    for path in ["/metrics", "/", "/probe?target=default", "/-/healthy", "/-/ready"] {
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let reply = server.send(request.as_bytes()).await;
        reply.status(200);
        assert!(reply.bytes.is_empty(), "{path}");
        assert_ne!(reply.header("content-length"), Some("0"), "{path}");
    }
}

#[tokio::test]
async fn a_blocked_source_is_reported_before_the_scraper_times_out() {
    let server = start(app_that(Does::Hangs)).await;
    let began = Instant::now();
    let timeout = "X-Prometheus-Scrape-Timeout-Seconds: 2\r\n";
    let reply = server.get_with("/metrics", timeout).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    reply.status(200).has("thing_up 0\n").has("reason=\"timeout\"} 1\n");
}

#[tokio::test]
async fn a_scrape_that_does_not_say_has_the_default_time() {
    let timeout = Duration::from_millis(200);
    let server = start(App { timeout, ..app_that(Does::Hangs) }).await;
    let began = Instant::now();
    server.get_with("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: soon\r\n").await.status(200);
    assert!((timeout..timeout * 25).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_panicking_collector_ends_nothing() {
    let collectors = vec![("good", Does::Writes(1)), ("mad", Does::Panics)];
    let server = start(app(vec![target("default", collectors)])).await;
    for _ in 0..2 {
        let reply = server.get("/metrics").await;
        reply.status(200).has("thing_up 1\n").has("success{collector=\"mad\"} 0\n");
    }
}

#[tokio::test]
async fn only_configured_targets_are_probed() {
    let other = target("a b/\"c\"", vec![("things", Does::Writes(2))]);
    let default = target("default", vec![("things", Does::Writes(1))]);
    let server = start(app(vec![default, other])).await;
    let reply = server.get("/probe?target=a%20b%2F%22c%22").await;
    reply.status(200).has("thing 1").has("thing_up 1");
    assert!(!reply.body().contains("process_"), "a probe is about the target alone");

    for query in ["", "?", "?target", "?target=", "?target=a&target=b", "?target=%ff", "?target=%"]
    {
        let reply = server.get(&format!("/probe{query}")).await;
        reply.status(400).has("`target`").has("a b/\"c\"").has("default");
    }
    for name in ["nobody", "postgres://u:p@db/x", "..%2Fdefault", "%00"] {
        let reply = server.get(&format!("/probe?target={name}")).await;
        reply.status(404).has("default").has("a b/\"c\"");
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(!reply.body().contains("postgres:"), "the request is not echoed");
    }
}

#[tokio::test]
async fn health_and_unknown_paths() {
    let server = start(app_that(Does::Writes(1))).await;
    server.get("/-/healthy").await.status(200).has("healthy");
    server.get("/-/ready").await.status(200).has("ready");
    for path in ["/nothing", "/metrics/", "/Metrics", "/-/reload", "//", "/../metrics"] {
        server.get(path).await.status(404);
    }
    server.send(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.status(404);
    for method in ["POST", "PUT", "DELETE", "TRACE", "BREW"] {
        let request = format!("{method} /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let reply = server.send(request.as_bytes()).await;
        assert_eq!(reply.status(405).header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn reload_is_a_post_and_only_where_it_is_enabled() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let reload = move || -> futures::future::BoxFuture<'static, Result<(), String>> {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        Box::pin(async move { if first { Ok(()) } else { Err("port: not a number".to_owned()) } })
    };
    let server = start(App { reload: Some(Box::new(reload)), ..app_that(Does::Writes(1)) }).await;
    let reply = server.get("/-/reload").await;
    assert_eq!(reply.status(405).header("allow"), Some("POST"));
    assert_eq!(count.load(Ordering::Relaxed), 0);
    let post = b"POST /-/reload HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    server.send(post).await.status(200);
    server.send(post).await.status(500).has("port: not a number");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_landing_page_shows_what_to_fix() {
    let collectors = vec![("good", Does::Writes(1)), ("bad", Does::Fails)];
    let server = start(app(vec![target("default", collectors)])).await;
    server.get("/").await.status(200).has("not read yet: the first scrape reads it");
    server.get("/metrics").await;
    let reply = server.get("/").await;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    reply
        .has("reading the things: permission denied for table &lt;things&gt;")
        .has("GRANT SELECT ON things TO pulso;")
        .has("db.example:5432/app")
        .has("1.2.3")
        .has("Things &amp; such");
}

#[tokio::test]
async fn the_telemetry_path_can_be_moved_even_to_the_root() {
    for path in ["/telemetry", "/"] {
        let app = App { telemetry_path: path.to_owned(), ..app_that(Does::Writes(1)) };
        let server = start(app).await;
        server.get(path).await.status(200).has("thing_up 1");
        server.get("/metrics").await.status(404);
    }
}

#[tokio::test]
async fn a_request_over_the_limit_is_told_when_to_retry() {
    let (began, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let limits = Limits { requests: 1, ..Limits::default() };
    let app = App { limits, ..app_that(Does::Waits(Arc::clone(&began), Arc::clone(&end))) };
    let server = Arc::new(start(app).await);
    let first = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.get("/metrics").await }
    });
    soon(began.notified()).await;
    let reply = server.get("/metrics").await;
    assert_eq!(reply.status(503).header("retry-after"), Some("1"));
    server.get("/-/healthy").await.status(200);
    end.notify_one();
    first.await.unwrap().status(200).has("after the wait");
    end.notify_one();
    server.get("/metrics").await.status(200);
}
