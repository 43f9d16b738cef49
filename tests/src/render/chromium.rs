//! A headless Chromium that makes one picture.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use super::RenderError;

/// The timeout of a picture, which takes seconds.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Flags that keep it on this machine and out of the way.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
];

pub(super) async fn screenshot(
    html: &str,
    width: u32,
    height: u32,
    out: &Path,
) -> Result<(), RenderError> {
    let failed = |doing: &str| {
        let doing = doing.to_owned();
        move |source| RenderError::Chromium(doing, Some(source))
    };
    let folder = std::env::temp_dir().join(format!("pulso-render-{}", std::process::id()));
    let folder = folder.with_extension(out.file_stem().unwrap_or_default());
    std::fs::create_dir_all(&folder).map_err(failed("making its folder"))?;
    let page = folder.join("page.html");
    std::fs::write(&page, html).map_err(failed("writing its page"))?;
    let out = std::path::absolute(out).map_err(failed("finding the picture's path"))?;
    let _ = std::fs::remove_file(&out);
    let child = Command::new("chromium")
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--screenshot={}", out.display()))
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed("starting `chromium` (Debian's package `chromium`)"))?;
    let ended = tokio::time::timeout(TIMEOUT, child.wait_with_output()).await;
    let _ = std::fs::remove_dir_all(&folder);
    let ended = ended
        .map_err(|_| RenderError::Chromium(format!("it hung for {TIMEOUT:?}"), None))?
        .map_err(failed("waiting for it"))?;
    if !ended.status.success() || !out.exists() {
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let last = stderr.lines().last().unwrap_or("it said nothing").to_owned();
        return Err(RenderError::Chromium(format!("{}: {last}", ended.status), None));
    }
    Ok(())
}
