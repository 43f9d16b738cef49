//! `make bench`: every exporter beside widely used ones.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::Parser;
use e2e::{
    StackError,
    bench::{Report, cache, pool, queue, release_binary},
};

/// The benchmarks to run.
#[derive(Debug, Parser)]
struct Arguments {
    /// A short run, to see that it works.
    #[arg(long)]
    quick: bool,
    /// One exporter alone; all of them by default.
    #[arg(long, value_name = "EXPORTER")]
    only: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", common::error_chain::ErrorChain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<(), StackError> {
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|it| it == name);
    let mut reports = Vec::new();
    if wanted("postgres-queue") {
        let size = if arguments.quick { queue::Size::QUICK } else { queue::Size::FULL };
        reports.push(queue::run(&release_binary("postgres-queue")?, size).await?);
    }
    if wanted("pool-usage") {
        let size = if arguments.quick { pool::Size::QUICK } else { pool::Size::FULL };
        reports.extend(pool::run(&release_binary("pool-usage")?, size).await?);
    }
    if wanted("cache-hit") {
        let size = if arguments.quick { cache::Size::QUICK } else { cache::Size::FULL };
        reports.extend(cache::run(&release_binary("cache-hit")?, size).await?);
    }
    let mut out = std::io::stdout().lock();
    for report in &reports {
        writeln!(out, "\n{report}").map_err(StackError::io("printing the table"))?;
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/bench/report.json");
    Report::write(&path, &reports)
}
