//! Panels and dashboards: typed definitions rendered as Grafana JSON.
//!
//! [`Dashboard`] says what is shown; [`Dashboard::to_json`] is the file that Grafana loads. Nothing
//! here talks to the network.

mod colour;
mod dashboard;
mod panel;
mod query;
mod summary;
mod unit;

mod grafana;
mod kustomize;
mod provisioning;

mod cache;
mod exporters;
mod pool;
mod queue;

pub use colour::Colour;
pub use dashboard::{Dashboard, Row, Scope, Variable};
pub use panel::{Panel, Side, ThresholdLine, Title, UP_DOWN, ValueMapping};
pub use query::PanelQuery;
pub use unit::Unit;

use std::path::Path;

use alerts::{scope::Urls, write::artifact::Artifact};

/// Every dashboard, the generic ones first.
pub fn all() -> Vec<Dashboard> {
    let of = |profile: &&'static profiles::Profile| {
        let measured = [queue::dashboard(profile), pool::dashboard(profile)];
        let measured = measured.into_iter().flatten().chain(cache::dashboards(profile));
        measured.chain([exporters::dashboard(profile)])
    };
    profiles::ALL.iter().flat_map(of).collect()
}

/// Every generated file: the dashboards' JSON, Grafana's provisioning and the kustomizations.
pub fn artifacts(urls: &Urls) -> Vec<Artifact> {
    let dashboards = all();
    let mut artifacts = provisioning::artifacts(&dashboards);
    artifacts.extend(kustomize::artifacts(&dashboards));
    artifacts.extend(dashboards.iter().map(|dashboard| {
        let directory = Path::new(provisioning::DASHBOARDS).join(dashboard.scope.folder());
        Artifact::new(directory.join(dashboard.file_name()), dashboard.to_json(urls))
    }));
    artifacts
}
