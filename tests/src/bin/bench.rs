//! `make bench`: every exporter beside the one that people run today.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use e2e::{
    StackError,
    bench::{Report, queue, release_binary},
};

#[tokio::main]
async fn main() -> ExitCode {
    let quick = std::env::args().any(|it| it == "--quick");
    match measure(quick).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", common::chain::Chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn measure(quick: bool) -> Result<(), StackError> {
    let size = if quick { queue::Size::QUICK } else { queue::Size::FULL };
    let reports = vec![queue::run(&release_binary("postgres-queue")?, size).await?];
    let mut out = std::io::stdout().lock();
    for report in &reports {
        writeln!(out, "\n{report}").map_err(StackError::io("printing the table"))?;
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/bench/report.json");
    Report::write(&path, &reports)
}
