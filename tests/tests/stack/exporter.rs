//! The exporter as a process.

use e2e::{Exporter, Postgres, Server, live::PROFILE, simulator::hv};
use rustix::process::Signal;

use crate::{SOON, leaves_nothing};

#[tokio::test]
async fn exporter_starts_and_restarts() {
    let server = Postgres::start().await.unwrap();
    hv::create(&server, hv::Schema::Full).await.unwrap();
    let settings = PROFILE.queues.as_ref().unwrap().settings;
    let builder = Exporter::builder("postgres-queue", settings)
        .env("DATABASE_URL", &server.url(hv::DATABASE))
        .arg("--log.level=debug");
    let grants = builder.run(&["check", "--grants"]).unwrap();
    assert!(grants.contains("GRANT CONNECT ON DATABASE"), "{grants}");
    let error = builder.run(&["check", "--nonsense"]).unwrap_err().to_string();
    assert!(error.contains("--nonsense"), "{error}");

    let exporter = builder.start().await.unwrap();
    let text = exporter.metrics().await.unwrap();
    assert!(text.contains("\npg_up 1\n"), "{text}");
    let accept = [("accept", "application/openmetrics-text; version=1.0.0")];
    let answer = exporter.get("/metrics", &accept).await.unwrap();
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    assert_eq!(exporter.get("/nothing", &[]).await.unwrap().status, 404);

    let before = exporter.cpu().unwrap();
    for _ in 0..5 {
        exporter.metrics().await.unwrap();
    }
    assert!(exporter.cpu().unwrap() > before);
    let (now, peak) = (exporter.resident().unwrap(), exporter.peak_resident().unwrap());
    assert!(1 << 20 < now && now <= peak, "{now} {peak}");

    let address = exporter.address();
    exporter.process().signal(Signal::TERM);
    assert!(exporter.process().wait(SOON).await.unwrap().success(), "{}", exporter.log());
    assert!(exporter.metrics().await.is_err());
    exporter.restart().await.unwrap();
    assert_eq!(exporter.address(), address);
    assert!(exporter.metrics().await.unwrap().contains("\npg_up 1\n"));
    leaves_nothing(exporter);
}

#[tokio::test]
async fn wrong_settings_show_the_log() {
    let error = Exporter::start("postgres-queue", "nonsense = 1").await.unwrap_err().to_string();
    assert!(error.contains("nonsense"), "{error}");
}
