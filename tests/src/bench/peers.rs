//! Starts the exporters that are measured: ours, and widely used ones.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::Contender;
use crate::{PgBouncer, Redis, StackError, folder::Folder, postgres, process::output};

/// One of ours with these settings, and the database's address where they do not name it.
pub(super) async fn ours(
    name: &str,
    binary: &Path,
    settings: &str,
    url: Option<&str>,
) -> Result<Contender, StackError> {
    let folder = Folder::new(name, None)?;
    let settings = folder.write("settings.toml", settings)?;
    let address = free_address()?;
    let args = [
        "--config.file".to_owned(),
        settings.display().to_string(),
        "--web.listen-address".to_owned(),
        address.clone(),
    ];
    let env: Vec<_> = url.into_iter().map(|url| ("DATABASE_URL", url.to_owned())).collect();
    let mut ours = Contender::start(name, binary, &args, &env, address, "/-/ready").await?;
    ours.folder = Some(folder);
    Ok(ours)
}

/// Debian's `postgres_exporter` with its default collectors.
pub(super) async fn postgres_exporter(url: &str) -> Result<Contender, StackError> {
    let program = PathBuf::from("/usr/bin/prometheus-postgres-exporter");
    let version = super::version(&program)?;
    let address = free_address()?;
    let args = [format!("--web.listen-address={address}")];
    let env = [("DATA_SOURCE_NAME", format!("{url}?sslmode=disable"))];
    let name = format!("postgres_exporter {version}");
    Contender::start(&name, &program, &args, &env, address, "/").await
}

/// Debian's `redis_exporter` with its default collectors.
pub(super) async fn redis_exporter(redis: &Redis) -> Result<Contender, StackError> {
    let program = PathBuf::from("/usr/bin/prometheus-redis-exporter");
    // It logs its version.
    let output = Command::new(&program).arg("--version").output();
    let output = output.map_err(StackError::io("asking redis_exporter for its version"))?;
    let output = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let version =
        output.split("Metrics Exporter ").nth(1).and_then(|it| it.split([' ', '-']).next());
    let name = format!("redis_exporter {}", version.unwrap_or("of unknown version"));
    let address = free_address()?;
    let args = [
        format!("-web.listen-address={address}"),
        format!("-redis.addr=redis://127.0.0.1:{}", redis.port()),
    ];
    Contender::start(&name, &program, &args, &[], address, "/health").await
}

/// Starts the program without its collector of `SHOW STATS`: it knows only the columns of PgBouncer
/// before 1.8, and ends the program with a later one.
const WITHOUT_STATS: &str = "
from prometheus_pgbouncer_exporter import cli
class Nothing:
    def __init__(self, *_, **__): pass
    def collect(self): return []
cli.StatsCollector = Nothing
cli.main()
";

/// Debian's exporter of PgBouncer, a Python program.
pub(super) async fn pgbouncer_exporter(pooler: &PgBouncer) -> Result<Contender, StackError> {
    const PACKAGE: &str = "prometheus-pgbouncer-exporter";
    // It reports 0.0.0.
    let version =
        output(Command::new("dpkg-query").args(["--show", "--showformat=${Version}", PACKAGE]))?;
    let version = version.split('-').next().unwrap_or(&version);
    let address = free_address()?;
    let port = address.rsplit(':').next().unwrap_or_default();
    let args = [
        "-c".to_owned(),
        WITHOUT_STATS.to_owned(),
        "--host=127.0.0.1".to_owned(),
        format!("--port={port}"),
        "--pgbouncer-host=127.0.0.1".to_owned(),
        format!("--pgbouncer-port={}", pooler.port()),
        format!("--pgbouncer-user={}", postgres::SUPERUSER),
    ];
    let env = [("PGPASSWORD", postgres::PASSWORD.to_owned())];
    let name = format!("pgbouncer_exporter {version}");
    let program = Path::new("/usr/bin/python3");
    Contender::start(&name, program, &args, &env, address, "/metrics").await
}

fn free_address() -> Result<String, StackError> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")
        .map_err(StackError::io("looking for a free port"))?;
    let address = listener.local_addr().map_err(StackError::io("looking for a free port"))?;
    Ok(address.to_string())
}
