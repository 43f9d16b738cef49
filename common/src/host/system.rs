//! CPU, load, memory, pressure, network and the exporter's control group, from `/proc` and
//! `/sys`, which do not hang.

use std::fs;

use procfs::{
    FromRead, FromReadSI, KernelStats, LoadAverage, Meminfo, net::InterfaceDeviceStatus,
    parse_pressure_record,
};

use super::{
    BOOT_TIME, CPU, CPUS, CpuLabels, CpuMode, INFO, InfoLabels, InterfaceLabels, LOAD1, LOAD5,
    LOAD15, MEMORY_AVAILABLE, MEMORY_TOTAL, PRESSURE_STALLED, PRESSURE_WAITING, RECEIVE_DROPS,
    RECEIVE_ERRORS, RECEIVED, Reading, Resource, ResourceLabels, SEND_DROPS, SEND_ERRORS, SENT,
    SWAP_FREE, SWAP_TOTAL, cgroup, read::failed, settings::Roots,
};
use crate::scrape::{
    CollectError, Snapshot,
    label_limit::{FoldedLabels, LABELS_FOLDED, LabelLimit, OTHER},
};

pub(super) fn read(roots: &Roots, interfaces: &LabelLimit) -> Reading {
    Reading::of(|out| {
        info(out);
        pressure(roots, out);
        cgroup::read(roots, out);
        // All of them run; the first error is returned.
        [cpu(roots, out), load(roots, out), memory(roots, out), network(roots, interfaces, out)]
            .into_iter()
            .collect()
    })
}

fn info(out: &mut Snapshot) {
    if let Ok(kernel) = sysinfo::System::kernel_version() {
        out.info(&INFO, InfoLabels { kernel, architecture: sysinfo::System::cpu_arch() });
    }
}

fn cpu(roots: &Roots, out: &mut Snapshot) -> Result<(), CollectError> {
    let info = procfs::current_system_info();
    let stat = KernelStats::from_file(roots.procfs.join("stat"), info)
        .map_err(|error| failed("reading CPU time", error))?;
    out.gauge(&BOOT_TIME, (), stat.btime as f64);
    out.gauge(&CPUS, (), stat.cpu_time.len() as f64);
    let total = &stat.total;
    for (mode, ticks) in [
        (CpuMode::User, Some(total.user)),
        (CpuMode::Nice, Some(total.nice)),
        (CpuMode::System, Some(total.system)),
        (CpuMode::Idle, Some(total.idle)),
        (CpuMode::Iowait, total.iowait),
        (CpuMode::Irq, total.irq),
        (CpuMode::Softirq, total.softirq),
        (CpuMode::Steal, total.steal),
    ] {
        let seconds = ticks.map(|it| it as f64 / procfs::ticks_per_second() as f64);
        out.counter(&CPU, CpuLabels { mode }, seconds);
    }
    Ok(())
}

fn load(roots: &Roots, out: &mut Snapshot) -> Result<(), CollectError> {
    let load = LoadAverage::from_file(roots.procfs.join("loadavg"))
        .map_err(|error| failed("reading the load", error))?;
    // By way of text, because the `f32` 0.35 as `f64` is 0.3499…
    let exact = |value: f32| value.to_string().parse::<f64>().ok();
    out.gauge(&LOAD1, (), exact(load.one));
    out.gauge(&LOAD5, (), exact(load.five));
    out.gauge(&LOAD15, (), exact(load.fifteen));
    Ok(())
}

fn memory(roots: &Roots, out: &mut Snapshot) -> Result<(), CollectError> {
    let memory = Meminfo::from_file(roots.procfs.join("meminfo"))
        .map_err(|error| failed("reading the memory's size", error))?;
    out.gauge(&MEMORY_TOTAL, (), memory.mem_total as f64);
    out.gauge(&MEMORY_AVAILABLE, (), memory.mem_available.map(|it| it as f64));
    out.gauge(&SWAP_TOTAL, (), memory.swap_total as f64);
    out.gauge(&SWAP_FREE, (), memory.swap_free as f64);
    Ok(())
}

/// A kernel may have been built without pressure accounting, or have it turned off.
fn pressure(roots: &Roots, out: &mut Snapshot) {
    for resource in Resource::ALL {
        let file = roots.procfs.join("pressure").join(resource.as_str());
        let Ok(text) = fs::read_to_string(file) else { continue };
        for line in text.lines() {
            let Ok(record) = parse_pressure_record(line) else { continue };
            let seconds = record.total as f64 / 1e6;
            let labels = ResourceLabels { resource };
            if line.starts_with("some") {
                out.counter(&PRESSURE_WAITING, labels, seconds);
            } else if resource != Resource::Cpu {
                // The kernel writes a meaningless zero for the CPU of the whole machine.
                out.counter(&PRESSURE_STALLED, labels, seconds);
            }
        }
    }
}

fn network(roots: &Roots, cap: &LabelLimit, out: &mut Snapshot) -> Result<(), CollectError> {
    let file = roots.of_process("net/dev");
    let InterfaceDeviceStatus(status) = InterfaceDeviceStatus::from_file(file)
        .map_err(|error| failed("reading the network interfaces", error))?;
    let mut interfaces: Vec<_> = status
        .into_values()
        // A veth interface is one end of a container's interface and goes with it.
        .filter(|it| it.name != "lo" && !it.name.starts_with("veth"))
        .collect();
    interfaces.sort_by(|one, other| one.name.cmp(&other.name));
    // No sum as `other`: it would jump as interfaces come and go.
    interfaces.retain(|it| cap.fold(&it.name) != OTHER);
    out.counter(&LABELS_FOLDED, FoldedLabels { label: "interface" }, cap.folded() as f64);
    for it in interfaces {
        let labels = InterfaceLabels { interface: it.name };
        for (metric, value) in [
            (&RECEIVED, it.recv_bytes),
            (&SENT, it.sent_bytes),
            (&RECEIVE_ERRORS, it.recv_errs),
            (&SEND_ERRORS, it.sent_errs),
            (&RECEIVE_DROPS, it.recv_drop),
            (&SEND_DROPS, it.sent_drop),
        ] {
            out.counter(metric, labels.clone(), value as f64);
        }
    }
    Ok(())
}
