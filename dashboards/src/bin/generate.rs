//! `cargo generate`: writes every generated file from its definition.

use std::{io, path::Path, process::ExitCode};

use alerts::{
    scope::Urls,
    write::artifact::{self, Artifact},
};

const USAGE: &str = "usage: cargo generate [--check] [--runbooks URL] [--grafana URL]";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(problems) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(problems) => {
            eprintln!("not current; run `cargo generate`:\n{}", problems.join("\n"));
            ExitCode::FAILURE
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<Vec<String>, String> {
    let mut urls = Urls::default();
    let mut check = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument}: no URL\n{USAGE}"));
        match argument.as_str() {
            "--check" => check = true,
            "--runbooks" => urls.runbooks = value()?,
            "--grafana" => urls.grafana = value()?,
            _ => return Err(format!("unknown argument `{argument}`\n{USAGE}")),
        }
    }
    let mut problems = Vec::new();
    for (folder, artifacts) in generated(&urls) {
        let folder = Path::new(folder);
        let done = if check {
            artifact::differences(folder, &artifacts).map(|found| problems.extend(found))
        } else {
            artifact::write(folder, &artifacts)
        };
        done.map_err(|error: io::Error| format!("{}: {error}", folder.display()))?;
    }
    Ok(problems)
}

/// The generated files by their directory, relative to the workspace.
fn generated(urls: &Urls) -> Vec<(&'static str, Vec<Artifact>)> {
    vec![
        ("alerts/generated", alerts::artifacts(urls)),
        ("dashboards/generated", dashboards::artifacts(urls)),
    ]
}
