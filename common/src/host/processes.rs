//! Processes by configured pattern: count, CPU time, memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use procfs::process::{Process, Stat, all_processes_with_root};
use regex::Regex;

use super::{
    PROCESS_CPU, PROCESS_PRIVATE, PROCESS_RESIDENT, PROCESSES, ProcessLabels, ProcessSettings,
    Reading,
    read::failed,
    settings::{Roots, distinct, regex},
};
use crate::settings::SettingsError;

#[derive(Debug)]
pub(super) struct Processes {
    groups: Vec<(String, Regex)>,
    cpu: Mutex<CpuTime>,
}

/// CPU time in ticks. A group's total only grows although its processes come and go: each
/// process adds what it used since the last reading.
#[derive(Debug, Default)]
struct CpuTime {
    totals: Vec<u64>,
    /// By process id and start time, because ids are reused.
    seen: HashMap<(i32, u64), u64>,
}

/// The current usage of one group of processes.
#[derive(Clone, Default)]
struct Usage {
    alive: u32,
    resident: u64,
    private: u64,
}

impl Processes {
    pub(super) fn new(settings: &[ProcessSettings]) -> Result<Self, SettingsError> {
        distinct("processes", settings.iter().map(|it| it.name.as_str()))?;
        let group = |(index, it): (usize, &ProcessSettings)| {
            Ok((it.name.clone(), regex(&format!("processes[{index}].pattern"), &it.pattern)?))
        };
        let groups = settings.iter().enumerate().map(group).collect::<Result<Vec<_>, _>>()?;
        let cpu = CpuTime { totals: vec![0; groups.len()], seen: HashMap::new() };
        Ok(Self { groups, cpu: Mutex::new(cpu) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(super) fn read(&self, roots: &Roots) -> Reading {
        Reading::of(|out| {
            let processes = all_processes_with_root(&roots.procfs)
                .map_err(|error| failed("listing the processes", error))?;
            let mut usages = vec![Usage::default(); self.groups.len()];
            let mut cpu = self.cpu.lock().unwrap_or_else(PoisonError::into_inner);
            let mut seen = HashMap::with_capacity(cpu.seen.len());
            // Processes that end during the reading are skipped.
            for process in processes.flatten() {
                let Ok(stat) = process.stat() else { continue };
                if !matches!(stat.state, 'Z' | 'X') {
                    let added = cpu.add(&stat, &mut seen);
                    self.count(&process, &stat, added, &mut usages, &mut cpu.totals);
                }
            }
            cpu.seen = seen;
            let ticks = procfs::ticks_per_second() as f64;
            for (((name, _), usage), total) in self.groups.iter().zip(usages).zip(&cpu.totals) {
                let labels = ProcessLabels { process: name.clone() };
                out.gauge(&PROCESSES, labels.clone(), f64::from(usage.alive));
                out.gauge(&PROCESS_RESIDENT, labels.clone(), usage.resident as f64);
                out.gauge(&PROCESS_PRIVATE, labels.clone(), usage.private as f64);
                out.counter(&PROCESS_CPU, labels, *total as f64 / ticks);
            }
            Ok(())
        })
    }

    fn count(
        &self,
        process: &Process,
        stat: &Stat,
        added: u64,
        usages: &mut [Usage],
        totals: &mut [u64],
    ) {
        // A kernel thread has no command line, nor has another user's process under `hidepid`.
        let command = process.cmdline().unwrap_or_default().join(" ");
        let mut memory = None;
        for (index, (_, pattern)) in self.groups.iter().enumerate() {
            if !pattern.is_match(&stat.comm) && !pattern.is_match(&command) {
                continue;
            }
            let (resident, shared) = *memory.get_or_insert_with(|| {
                process.statm().map_or((stat.rss, 0), |it| (it.resident, it.shared))
            });
            let usage = &mut usages[index];
            usage.alive += 1;
            usage.resident += resident * procfs::page_size();
            usage.private += resident.saturating_sub(shared) * procfs::page_size();
            totals[index] += added;
        }
    }
}

impl CpuTime {
    /// CPU time of the process since the last reading; all of it for a new process.
    fn add(&self, stat: &Stat, seen: &mut HashMap<(i32, u64), u64>) -> u64 {
        let (key, ticks) = ((stat.pid, stat.starttime), stat.utime + stat.stime);
        seen.insert(key, ticks);
        ticks.saturating_sub(self.seen.get(&key).copied().unwrap_or(0))
    }
}
