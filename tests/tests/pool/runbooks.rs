//! The SQL of the runbooks.

use alerts::{pool::COMPONENT, runbook::Step};
use e2e::{Postgres, postgres};

#[tokio::test]
async fn what_a_runbook_says_to_paste_runs() {
    for version in postgres::versions() {
        let server = Postgres::builder().version(version).start().await.unwrap();
        let client = server.connect("postgres").await.unwrap();
        let mut tried = 0;
        for profile in profiles::ALL {
            let alerts = alerts::rules(profile).alerts.into_iter();
            for alert in alerts.filter(|it| it.component.jobs().contains(&COMPONENT)) {
                for step in &alert.runbook.diagnosis {
                    let Step::Sql { title, sql } = step else { continue };
                    let ran = client.simple_query(sql).await;
                    assert!(ran.is_ok(), "{version}, {}, {title}: {ran:?}", alert.name);
                    tried += 1;
                }
            }
        }
        assert!(tried > 20, "only {tried} statements");
    }
}
