//! `--web.config.file`: passwords, headers, the rate limit, and changes while the server runs.

use std::{error::Error, path::Path};

use common::{error_chain::ErrorChain, server::WebConfig};

use crate::support::{Does, Folder, app_that, start_with};

/// One user, alice; the hash is of the cheapest cost.
fn users(password: &str) -> String {
    format!("basic_auth_users:\n  alice: {}\n", bcrypt::hash(password, 4).unwrap())
}

fn basic(credentials: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(credentials))
}

#[tokio::test]
async fn every_path_asks_for_the_password() {
    let folder = Folder::new();
    let web = WebConfig::load(folder.put("web.yml", &users("sesame"))).unwrap();
    let server = start_with(app_that(Does::Writes(1)), web).await;
    for path in ["/metrics", "/", "/probe?target=default", "/-/healthy", "/-/ready", "/nothing"] {
        let reply = server.get(path).await;
        assert!(reply.status(401).header("www-authenticate").unwrap().starts_with("Basic realm="));
        assert!(!reply.body().contains("thing"), "no metric is disclosed");
        server.get_with(path, &basic("alice:wrong")).await.status(401);
        let reply = server.get_with(path, &basic("alice:sesame")).await;
        reply.status(if path == "/nothing" { 404 } else { 200 });
    }
    let reply = server.get_with("/metrics", &basic("alice:sesame")).await;
    reply.has("pulso_http_requests_total{code=\"401\"} 12\n").has("pulso_web_config_valid 1\n");
}

#[tokio::test]
async fn a_change_takes_effect_and_a_broken_one_does_not() {
    let folder = Folder::new();
    let web = WebConfig::load(folder.put("web.yml", &users("sesame"))).unwrap();
    let server = start_with(app_that(Does::Writes(1)), web).await;
    let old = basic("alice:sesame");
    server.get_with("/-/healthy", &old).await.status(200);

    for broken in ["basic_auth_user: {}", "{", "", "   \n", "\0", "tls_server_config: {key: a}"] {
        folder.put("web.yml", broken);
        server.get("/-/healthy").await.status(401);
        let reply = server.get_with("/metrics", &old).await;
        reply.status(200).has("pulso_web_config_valid 0\n");
        let page = server.get_with("/", &old).await;
        page.status(200).has("Web configuration").has("web.yml").has("remains in effect");
    }
    std::fs::remove_file(folder.path("web.yml")).unwrap();
    server.get("/-/healthy").await.status(401);
    server.get_with("/metrics", &old).await.has("pulso_web_config_valid 0\n");

    folder.put("web.yml", &users("other"));
    server.get_with("/-/healthy", &old).await.status(401);
    let new = basic("alice:other");
    server.get_with("/metrics", &new).await.status(200).has("pulso_web_config_valid 1\n");
    assert!(!server.get_with("/", &new).await.body().contains("Web configuration"));

    folder.put("web.yml", "basic_auth_users: {}\n");
    server.get("/-/healthy").await.status(200);
}

#[tokio::test]
async fn headers_are_added_to_every_answer_and_win_over_ours() {
    let folder = Folder::new();
    let file = folder.put(
        "web.yml",
        "http_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n    \
         Content-Security-Policy: default-src 'self'\n",
    );
    let server = start_with(app_that(Does::Writes(1)), WebConfig::load(file).unwrap()).await;
    for path in ["/", "/metrics", "/nothing"] {
        let reply = server.get(path).await;
        assert_eq!(reply.header("x-frame-options"), Some("deny"));
        assert_eq!(reply.header("content-security-policy"), Some("default-src 'self'"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn the_rate_limit_turns_away_what_is_over_it() {
    let folder = Folder::new();
    let file = folder.put("web.yml", "rate_limit: {interval: 1h, burst: 2}\n");
    let server = start_with(app_that(Does::Writes(1)), WebConfig::load(file).unwrap()).await;
    server.get("/-/healthy").await.status(200);
    server.get("/metrics").await.status(200);
    let reply = server.get("/metrics").await;
    let wait: u64 = reply.status(429).header("retry-after").unwrap().parse().unwrap();
    assert!((3590..=3600).contains(&wait), "{wait}");
}

#[test]
fn a_wrong_file_is_an_error_that_names_file_and_key() {
    let folder = Folder::new();
    let cases = [
        ("basic_auth_user: {}", "unknown field `basic_auth_user`"),
        ("basic_auth_users: {alice: sesame}", "`basic_auth_users.alice`"),
        (
            "tls_server_config: {cert_file: no.crt, key_file: no.key}",
            "`tls_server_config.cert_file`",
        ),
        ("tls_server_config: {key_file: no.key}", "`tls_server_config.cert_file`: it is missing"),
        ("rate_limit: {interval: 1s}", "`rate_limit.burst`"),
        ("tls_server_config: {client_auth_type: Sometimes}", "`RequireAndVerifyClientCert`"),
        ("http_server_config: {headers: {Server: a}}", "`headers`: `Server`"),
    ];
    for (text, expected) in cases {
        let error = WebConfig::load(folder.put("web.yml", text)).expect_err(text);
        let chain = ErrorChain(&error).to_string();
        assert!(chain.contains("web.yml") && chain.contains(expected), "{text}: {chain}");
        assert!(!chain.contains("sesame"), "{chain}");
    }
    let error = WebConfig::load(Path::new("no/such/web.yml")).unwrap_err();
    assert!(error.to_string().contains("no/such/web.yml") && error.source().is_some());
}

#[tokio::test]
async fn an_empty_file_asks_for_nothing() {
    let folder = Folder::new();
    for text in ["", "# nothing yet\n", "---\n", "basic_auth_users:\n  # alice: later\n"] {
        let web = WebConfig::load(folder.put("web.yml", text)).unwrap();
        let server = start_with(app_that(Does::Writes(1)), web).await;
        server.get("/metrics").await.status(200).has("pulso_web_config_valid 1\n");
    }
}
