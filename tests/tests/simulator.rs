//! The simulated systems do what tests command.

use std::time::Duration;

use e2e::{
    Postgres, SOON, Server, eventually,
    simulator::hv::{self, Kind, Load, Schema, Simulator},
};

/// A busy day in seconds.
fn load() -> Load {
    let kind = |tipo, per_second| Kind {
        tipo,
        per_second,
        work: Duration::from_millis(20),
        failures: 0.0,
    };
    Load {
        kinds: vec![kind("email", 20.0), kind("slack", 5.0)],
        backoff: Duration::from_millis(50),
        ..Load::default()
    }
}

async fn count(server: &Postgres, condition: &str) -> i64 {
    let client = server.connect(hv::DATABASE).await.expect("the server runs");
    let sql = format!("select count(*) from queue_jobs where {condition}");
    client.query_one(&sql, &[]).await.expect("the condition is right").get(0)
}

async fn until(server: &Postgres, condition: &str, enough: impl Fn(i64) -> bool) {
    eventually(SOON, || async {
        let jobs = count(server, condition).await;
        if enough(jobs) { Ok(()) } else { Err(format!("{jobs} jobs with {condition}")) }
    })
    .await;
}

#[tokio::test]
async fn jobs_run_stall_and_resume() {
    for schema in [Schema::Plain, Schema::Full] {
        let server = Postgres::start().await.unwrap();
        let system = Simulator::start(&server, schema, load()).await.unwrap();
        until(&server, "estado = 'completed' and tipo = 'email'", |jobs| jobs > 10).await;
        until(&server, "estado = 'completed' and tipo = 'slack'", |jobs| jobs > 2).await;

        system.stall();
        until(&server, "estado = 'processing'", |jobs| jobs == 0).await;
        let done = count(&server, "estado = 'completed'").await;
        system.burst("webhook", 100).await.unwrap();
        until(&server, "estado = 'pending'", |jobs| jobs > 110).await;
        assert_eq!(count(&server, "estado = 'completed'").await, done, "stalled workers worked");

        system.set_demand(0.0);
        system.resume();
        until(&server, "estado = 'pending'", |jobs| jobs == 0).await;
        until(&server, "estado = 'completed' and tipo = 'webhook'", |jobs| jobs == 100).await;
        if schema == Schema::Full {
            let wrong = "estado = 'completed' and (intentos <> 1 or iniciado_en is null
                         or completado_en < iniciado_en or iniciado_en < creado_en)";
            assert_eq!(count(&server, wrong).await, 0);
        }
        system.stop().await;
        assert_eq!(count(&server, "estado = 'processing'").await, 0, "a job was left behind");
    }
}

#[tokio::test]
async fn failures_are_retried_and_then_final() {
    let server = Postgres::start().await.unwrap();
    let system = Simulator::start(&server, Schema::Full, load()).await.unwrap();
    system.set_failure_share("email", 1.0);
    let failed = "estado = 'failed' and tipo = 'email' and error is not null";
    until(&server, &format!("{failed} and intentos = 3"), |jobs| jobs > 3).await;
    until(&server, &format!("{failed} and intentos = 1 and error ~ '401|550'"), |jobs| jobs > 0)
        .await;
    until(&server, "estado = 'completed' and tipo = 'slack'", |jobs| jobs > 3).await;
    assert_eq!(count(&server, "estado = 'failed' and tipo = 'slack'").await, 0);
    assert_eq!(count(&server, "estado = 'failed' and intentos > 3").await, 0);
}

#[tokio::test]
async fn slow_and_stranded_jobs() {
    let server = Postgres::start().await.unwrap();
    let system = Simulator::start(&server, Schema::Full, load()).await.unwrap();
    system.slow_down(10_000.0);
    until(&server, "estado = 'processing'", |jobs| jobs == 4).await;
    system.strand("report", 3, Duration::from_hours(2)).await.unwrap();
    let stuck = "estado = 'processing' and iniciado_en < now() - interval '1h'";
    assert_eq!(count(&server, stuck).await, 3);
}

#[tokio::test]
async fn simulator_survives_a_database_restart() {
    let server = Postgres::start().await.unwrap();
    let system = Simulator::start(&server, Schema::Plain, load()).await.unwrap();
    until(&server, "estado = 'completed'", |jobs| jobs > 5).await;
    server.kill();
    server.restart().await.unwrap();
    let done = count(&server, "estado = 'completed'").await;
    until(&server, "estado = 'completed'", |jobs| jobs > done + 5).await;
    system.stop().await;
}

#[tokio::test]
async fn history_is_filled_in() {
    let server = Postgres::start().await.unwrap();
    hv::create(&server, Schema::Full).await.unwrap();
    hv::fill(&server, 10_000, 30).await.unwrap();
    assert_eq!(count(&server, "estado = 'failed' and error is not null").await, 50);
    assert_eq!(count(&server, "estado = 'completed' and completado_en < now()").await, 9_950);
    let span = "creado_en > now() - interval '29 days'";
    assert!((9_500..9_900).contains(&count(&server, span).await));
}
