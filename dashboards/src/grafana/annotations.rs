//! The annotations of every graph: alerts, restarts, deployments.

use common::process::self_metrics::{BUILD, START_TIME};
use promql::prelude::*;

use super::model::{self, DataSource};
use crate::dashboard::Dashboard;

/// Alerts, restarts and deployments, over every graph.
pub(crate) fn annotations(dashboard: &Dashboard) -> Vec<model::Annotation> {
    let matchers = dashboard.matchers();
    let text = |query: Expr| query.narrowed(&matchers).one_line(Style::default());
    let restarts = START_TIME.changes(RATE_INTERVAL).gt(0);
    let deployed = BUILD.unless(BUILD.offset(minutes(1)));
    vec![
        model::Annotation {
            built_in: Some(1),
            datasource: DataSource::GRAFANA,
            enable: true,
            hide: true,
            icon_color: "rgba(0, 211, 255, 1)",
            name: "Annotations & Alerts".to_owned(),
            kind: Some("dashboard"),
            query: None,
        },
        annotation(
            "Alerts firing",
            "red",
            format!(r#"ALERTS{{alertstate="firing",{}}}"#, dashboard.scope.alerts()),
            "{{alertname}}",
            "{{severity}} {{instance}} {{queue}}",
        ),
        annotation(
            "Exporter restarts",
            "blue",
            text(restarts.expr()),
            "Exporter restarted",
            "{{instance}}",
        ),
        annotation(
            "Deployments",
            "purple",
            text(deployed.expr()),
            "{{exporter}} {{version}} deployed",
            "{{instance}}",
        ),
    ]
}

fn annotation(
    name: &str,
    color: &'static str,
    expr: String,
    title: &str,
    text: &str,
) -> model::Annotation {
    model::Annotation {
        built_in: None,
        datasource: DataSource::VARIABLE,
        enable: true,
        hide: false,
        icon_color: color,
        name: name.to_owned(),
        kind: None,
        query: Some(model::AnnotationQuery {
            target: model::AnnotationTarget { ref_id: "Anno", expr: expr.clone() },
            expr,
            title_format: title.to_owned(),
            text_format: text.to_owned(),
            tag_keys: "severity".to_owned(),
            use_value_for_time: false,
        }),
    }
}
