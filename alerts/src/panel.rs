//! The panels that alerts link to.

/// A panel of a dashboard. Only this crate makes keys, and `dashboards` draws a panel from its key,
/// so an alert cannot link to a panel that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PanelKey {
    dashboard: &'static str,
    title: &'static str,
}

impl PanelKey {
    pub(crate) const fn new(dashboard: &'static str, title: &'static str) -> Self {
        Self { dashboard, title }
    }

    /// The subject of its dashboard; with the profile it gives the dashboard's uid.
    pub const fn dashboard(self) -> &'static str {
        self.dashboard
    }

    pub const fn title(self) -> &'static str {
        self.title
    }

    /// The `viewPanel` of links to it.
    pub fn id(self) -> u32 {
        panel_id(&[self.title])
    }
}

/// The id of a panel: a hash of its title, preceded by the row's where the title occurs twice. It
/// does not change when panels are added, so links to it stay valid.
pub fn panel_id(path: &[&str]) -> u32 {
    // FNV-1a.
    let bytes = path.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    1 + hash % 999_983
}
