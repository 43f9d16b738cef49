//! The variables at the top of a dashboard.

use alerts::scope::SYSTEM;
use common::process::self_metrics::{BUILD, BuildLabels};
use promql::{Matcher, prelude::*};

use super::model::{self, DataSource};
use crate::dashboard::{Dashboard, Variable};

/// The variables; the values of each are limited by those chosen before it.
pub(crate) fn variables(dashboard: &Dashboard) -> Vec<model::Variable> {
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

fn data_source() -> model::Variable {
    model::Variable {
        kind: "datasource",
        name: "datasource".to_owned(),
        label: "Data source".to_owned(),
        description: "The Prometheus that scrapes the exporters".to_owned(),
        datasource: None,
        query: model::VariableQuery::DataSource("prometheus"),
        regex: "",
        refresh: 1,
        sort: 0,
        multi: false,
        include_all: false,
        all_value: None,
        current: model::Current::DEFAULT,
        options: [],
        hide: 0,
        skip_url_sync: false,
    }
}

fn choice(name: &str, label: &str, about: &str, selector: &str) -> model::Variable {
    model::Variable {
        kind: "query",
        name: name.to_owned(),
        label: label.to_owned(),
        description: about.to_owned(),
        datasource: Some(DataSource::VARIABLE),
        query: model::VariableQuery::Prometheus {
            query: format!("label_values({selector}, {name})"),
            ref_id: "PrometheusVariableQueryEditor-VariableQuery",
        },
        regex: "",
        refresh: 2,
        sort: 1,
        multi: true,
        include_all: true,
        all_value: Some(".+"),
        current: model::Current::ALL,
        options: [],
        hide: 0,
        skip_url_sync: false,
    }
}
