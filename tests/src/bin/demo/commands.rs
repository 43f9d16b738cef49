//! The commands of the running demo.

use std::{io, thread};

use e2e::{Live, StackError};
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// Shown at the start and in `--help`.
pub(crate) const HELP: &str = "\
Type a command and Enter: stall (workers take no more jobs), resume, burst [TIPO] [JOBS],
fail TIPO SHARE (0 to 1), slow TIMES, demand TIMES, leak [TRANSACTIONS] (the web application forgets to
end them), heal (it is restarted), quit. Types: email, slack, webhook, report, automation.";

const TYPES: [&str; 5] = ["email", "slack", "webhook", "report", "automation"];

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    Stall,
    Resume,
    Burst { tipo: String, jobs: u32 },
    Fail { tipo: &'static str, share: f64 },
    Slow(f64),
    Demand(f64),
    Leak(usize),
    Heal,
    Quit,
    Unknown(String),
}

impl Command {
    pub(crate) fn parse(line: &str) -> Self {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let tipo = |word: &str| TYPES.into_iter().find(|tipo| *tipo == word);
        let number = |word: &str| word.parse().ok().filter(|it: &f64| *it >= 0.0);
        let command = match words.as_slice() {
            ["stall"] => Some(Self::Stall),
            ["resume"] => Some(Self::Resume),
            ["burst", rest @ ..] => {
                let (name, jobs) = match rest {
                    [name, jobs] => (tipo(name), jobs.parse().ok()),
                    [word] if tipo(word).is_some() => (tipo(word), Some(200)),
                    [word] => (Some("email"), word.parse().ok()),
                    _ => (Some("email").filter(|_| rest.is_empty()), Some(200)),
                };
                name.zip(jobs).map(|(name, jobs)| Self::Burst { tipo: name.to_owned(), jobs })
            }
            ["fail", name, share] => tipo(name)
                .zip(number(share).filter(|it| *it <= 1.0))
                .map(|(tipo, share)| Self::Fail { tipo, share }),
            ["slow", times] => number(times).map(Self::Slow),
            ["demand", times] => number(times).map(Self::Demand),
            ["leak"] => Some(Self::Leak(10)),
            ["leak", count] => count.parse().ok().map(Self::Leak),
            ["heal"] => Some(Self::Heal),
            ["quit" | "exit" | "q"] => Some(Self::Quit),
            _ => None,
        };
        command.unwrap_or_else(|| Self::Unknown(line.trim().to_owned()))
    }
}

/// Runs the command, and returns a message for the person.
pub(crate) async fn obey(command: &Command, live: &Live) -> Result<String, StackError> {
    let system = &live.system;
    Ok(match command {
        Command::Stall => {
            system.stall();
            "The workers take no more jobs.".to_owned()
        }
        Command::Resume => {
            system.resume();
            "The workers take jobs again.".to_owned()
        }
        Command::Burst { tipo, jobs } => {
            system.burst(tipo, *jobs).await?;
            format!("{jobs} {tipo} jobs were enqueued at once.")
        }
        Command::Fail { tipo, share } => {
            system.set_failure_share(tipo, *share);
            format!("{:.0} % of the attempts at {tipo} jobs fail.", share * 100.0)
        }
        Command::Slow(times) => {
            system.slow_down(*times);
            format!("Jobs take {times} times as long as usual.")
        }
        Command::Demand(times) => {
            system.set_demand(*times);
            format!("The application enqueues {times} times as much as usual.")
        }
        Command::Leak(transactions) => {
            live.web.leak(*transactions);
            format!("The web application leaves {transactions} transactions open.")
        }
        Command::Heal => {
            live.web.heal();
            "The web application was restarted.".to_owned()
        }
        Command::Quit => String::new(),
        Command::Unknown(typed) => format!("\"{typed}\" is none of the commands above."),
    })
}

/// The lines of standard input.
pub(crate) struct Commands(UnboundedReceiver<String>);

impl Commands {
    pub(crate) fn listen() -> Self {
        let (lines, incoming) = mpsc::unbounded_channel();
        // A separate thread: a blocking read cannot be cancelled, and must not delay the end.
        thread::spawn(move || {
            let read = io::stdin().lines().map_while(Result::ok);
            for line in read.filter(|line| !line.trim().is_empty()) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        Self(incoming)
    }

    /// The next command; waits forever once standard input has ended.
    pub(crate) async fn next(&mut self) -> Command {
        match self.0.recv().await {
            Some(line) => Command::parse(&line),
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        let burst = |tipo: &str, jobs| Command::Burst { tipo: tipo.to_owned(), jobs };
        let cases = [
            (" stall ", Command::Stall),
            ("resume", Command::Resume),
            ("burst", burst("email", 200)),
            ("burst 7", burst("email", 7)),
            ("burst slack", burst("slack", 200)),
            ("burst slack 9", burst("slack", 9)),
            ("fail email 0.5", Command::Fail { tipo: "email", share: 0.5 }),
            ("slow 3", Command::Slow(3.0)),
            ("demand 0", Command::Demand(0.0)),
            ("leak", Command::Leak(10)),
            ("leak 3", Command::Leak(3)),
            ("heal", Command::Heal),
            ("q", Command::Quit),
        ];
        for (line, command) in cases {
            assert_eq!(Command::parse(line), command, "{line}");
        }
        for line in
            ["fail email 2", "fail fax 0.1", "burst fax 3", "burst 1 2 3", "slow -1", "leak x", "x"]
        {
            assert_eq!(Command::parse(line), Command::Unknown(line.to_owned()), "{line}");
        }
    }
}
