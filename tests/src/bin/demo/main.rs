//! A live system: HV-Consultores' database and simulated programs, the exporters, Prometheus with
//! the rules, Alertmanager with the routes, and a summary of their state.

mod commands;
mod summary;

use std::{
    fmt::Write as _,
    io::{self, Write},
    pin::pin,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use commands::{Command, Commands};
use e2e::{
    Live, StackError,
    live::interval,
    simulator::hv::{Load, Schema},
};
use summary::{Screen, Summary};

/// Starts HV-Consultores with Pulso around it and shows what is measured, until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "demo", after_help = commands::HELP)]
struct Arguments {
    /// Divides the durations of rules and routes (at 20, 5 minutes are 15 s).
    #[arg(long, default_value_t = 20.0, value_parser = scale)]
    scale: f64,
    /// Stop after this long, such as 20s or 2m.
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    stop_after: Option<Duration>,
    /// Stop after the first summary that has data.
    #[arg(long)]
    once: bool,
    /// Stall the workers after this long and send a burst of jobs, so that `QueueBackup` fires.
    #[arg(long, value_name = "TIME", value_parser = time)]
    stall_after: Option<Duration>,
    /// Use a jobs table with only the columns that the operations manual names.
    #[arg(long)]
    plain: bool,
}

fn time(text: &str) -> Result<Duration, String> {
    let unit = text.trim_start_matches(|it: char| it.is_ascii_digit());
    let (number, unit) = (&text[..text.len() - unit.len()], unit);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        _ => return Err("a number and a unit, such as 20s or 2m".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "a number and a unit, such as 20s or 2m")?;
    Ok(Duration::from_secs(number * seconds))
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|error| format!("{error}"))?;
    // Above 120, the scrape interval would be shorter than Prometheus can keep.
    if (1.0..=120.0).contains(&scale) { Ok(scale) } else { Err("from 1 to 120".to_owned()) }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), StackError> {
    let stop =
        common::process::shutdown::signalled().map_err(StackError::io("listening for Ctrl-C"))?;
    let mut stop = pin!(stop);
    let schema = if arguments.plain { Schema::Plain } else { Schema::Full };
    say(
        "Starting PostgreSQL, PgBouncer, HV-Consultores, the exporters, Prometheus and Alertmanager ...",
    )?;
    let begun = Instant::now();
    let live = tokio::select! {
        // Servers that were started already end when they are dropped.
        () = &mut stop => return say("Stopped before everything was up."),
        live = Live::start(schema, Load::default(), arguments.scale) => live?,
    };
    say(&addresses(&live, begun.elapsed()))?;
    tokio::select! {
        () = &mut stop => {}
        ended = show(arguments, &live) => ended?,
    }
    say("\nStopping ...")?;
    drop(live);
    say("Stopped; nothing is left running.")
}

/// Refreshes the summary and runs commands until it is time to stop.
async fn show(arguments: &Arguments, live: &Live) -> Result<(), StackError> {
    let begun = Instant::now();
    let mut screen = Screen::new();
    let mut commands = Commands::listen();
    let mut tick = tokio::time::interval(refresh(arguments, &screen));
    let mut stall_after = arguments.stall_after;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            command = commands.next() => {
                if command == Command::Quit {
                    return Ok(());
                }
                screen.typed();
                let answer = commands::obey(&command, live).await?;
                screen.note(answer);
            }
        }
        if stall_after.is_some_and(|after| begun.elapsed() >= after) {
            stall_after = None;
            screen.note(commands::obey(&Command::Stall, live).await?);
            let burst = Command::Burst { tipo: "email".to_owned(), jobs: 200 };
            screen.note(commands::obey(&burst, live).await?);
        }
        let summary = Summary::read(live, arguments.scale).await?;
        screen.show(&summary).map_err(StackError::io("writing the summary"))?;
        let over = arguments.stop_after.is_some_and(|limit| begun.elapsed() >= limit);
        if over || arguments.once && summary.has_data() {
            return Ok(());
        }
    }
}

/// A terminal is refreshed every second; a log gets fewer lines.
fn refresh(arguments: &Arguments, screen: &Screen) -> Duration {
    match arguments {
        Arguments { once: true, .. } => interval(arguments.scale).min(Duration::from_secs(1)),
        _ if screen.is_terminal() => Duration::from_secs(1),
        _ => Duration::from_secs(3),
    }
}

fn addresses(live: &Live, took: Duration) -> String {
    let mut text = format!("Up after {:.1} s.\n\n", took.as_secs_f64());
    for (name, exporter) in live.exporters() {
        let _ = writeln!(text, "  {name:<15} {}/metrics", exporter.url());
    }
    let database = e2e::simulator::hv::DATABASE;
    let servers = [
        ("Prometheus", format!("{}/alerts", live.prometheus.url())),
        ("Alertmanager", live.alertmanager.url()),
        ("PostgreSQL", live.servers.postgres.url(database)),
        ("its standby", live.servers.standby.url(database)),
        ("PgBouncer", live.servers.pooler.url("pgbouncer")),
    ];
    for (name, address) in servers {
        let _ = writeln!(text, "  {name:<15} {address}");
    }
    text + "\n" + commands::HELP + "\n"
}

fn say(text: &str) -> Result<(), StackError> {
    writeln!(io::stdout(), "{text}").map_err(StackError::io("writing to standard output"))
}
