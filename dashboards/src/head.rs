//! The head of a dashboard: links, choices, and the events drawn over every graph.

use alerts::scope::SYSTEM;
use common::process::self_metrics::{BUILD, BuildLabels, START_TIME};
use promql::{Matcher, prelude::*};

use crate::{
    dashboard::{Dashboard, Scope, Variable},
    grafana::{self, DataSource},
};

/// On every dashboard of the suite.
pub(crate) const TAG: &str = "pulso";

/// Dashboards of the same system, else those of the suite.
pub(crate) fn links(scope: &Scope) -> Vec<grafana::Link> {
    let family = scope.folder_title();
    vec![grafana::Link {
        kind: "dashboards",
        title: family.to_owned(),
        tooltip: format!("The other dashboards of {family}"),
        icon: "external link",
        tags: vec![scope.system().unwrap_or(TAG).to_owned()],
        url: String::new(),
        as_dropdown: true,
        include_vars: true,
        keep_time: true,
        target_blank: false,
    }]
}

/// Alerts, restarts and deployments, over every graph.
pub(crate) fn annotations(dashboard: &Dashboard) -> Vec<grafana::Annotation> {
    let matchers = dashboard.matchers();
    let text = |query: Expr| query.narrowed(&matchers).one_line(Style::default());
    let restarts = START_TIME.changes(RATE_INTERVAL).gt(0);
    let deployed = BUILD.unless(BUILD.offset(minutes(1)));
    vec![
        grafana::Annotation {
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
) -> grafana::Annotation {
    grafana::Annotation {
        built_in: None,
        datasource: DataSource::VARIABLE,
        enable: true,
        hide: false,
        icon_color: color,
        name: name.to_owned(),
        kind: None,
        query: Some(grafana::AnnotationQuery {
            target: grafana::AnnotationTarget { ref_id: "Anno", expr: expr.clone() },
            expr,
            title_format: title.to_owned(),
            text_format: text.to_owned(),
            tag_keys: "severity".to_owned(),
            use_value_for_time: false,
        }),
    }
}

/// The choices: each is limited by those before it.
pub(crate) fn variables(dashboard: &Dashboard) -> Vec<grafana::Variable> {
    let scope = &dashboard.scope;
    let builds = || {
        let builds = BUILD.filter(BuildLabels::exporter.one_of(scope.exporters()));
        match scope.system() {
            Some(slug) => builds.filter(SYSTEM.eq(slug)),
            None => builds,
        }
    };
    let mut variables = vec![
        data_source(),
        choice("job", "Job", "Scrape jobs of the exporter", &builds().text()),
        choice(
            "instance",
            "Instance",
            "Exporters of the chosen jobs",
            &builds().filter(JOB.chosen()).text(),
        ),
    ];
    let mut matchers: Vec<Matcher> = Vec::from_iter(scope.system_matcher());
    matchers.extend([JOB.chosen().into(), INSTANCE.chosen().into()]);
    variables.extend(dashboard.variables.iter().map(|it: &Variable| {
        let matchers: Vec<_> = matchers.iter().map(ToString::to_string).collect();
        let selector = format!("{}{{{}}}", it.metric.name, matchers.join(","));
        choice(it.name(), it.title, it.description, &selector)
    }));
    variables
}

fn data_source() -> grafana::Variable {
    grafana::Variable {
        kind: "datasource",
        name: "datasource".to_owned(),
        label: "Data source".to_owned(),
        description: "The Prometheus that scrapes the exporters".to_owned(),
        datasource: None,
        query: grafana::VariableQuery::DataSource("prometheus"),
        regex: "",
        refresh: 1,
        sort: 0,
        multi: false,
        include_all: false,
        all_value: None,
        current: grafana::Current::DEFAULT,
        options: [],
        hide: 0,
        skip_url_sync: false,
    }
}

fn choice(name: &str, label: &str, about: &str, selector: &str) -> grafana::Variable {
    grafana::Variable {
        kind: "query",
        name: name.to_owned(),
        label: label.to_owned(),
        description: about.to_owned(),
        datasource: Some(DataSource::VARIABLE),
        query: grafana::VariableQuery::Prometheus {
            query: format!("label_values({selector}, {name})"),
            ref_id: "PrometheusVariableQueryEditor-VariableQuery",
        },
        regex: "",
        refresh: 2,
        sort: 1,
        multi: true,
        include_all: true,
        all_value: Some(".+"),
        current: grafana::Current::ALL,
        options: [],
        hide: 0,
        skip_url_sync: false,
    }
}
