//! What the kernel says about a process: time at the processor, memory.
//!
//! Linux only; a benchmark elsewhere would need other words for the same.

use std::{fs, ops::Add, ops::Sub, path::PathBuf};

/// User and system time together, in ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu {
    pub ns: u64,
}

impl Add for Cpu {
    type Output = Cpu;
    fn add(self, other: Cpu) -> Cpu {
        Cpu { ns: self.ns + other.ns }
    }
}

impl Sub for Cpu {
    type Output = Cpu;
    fn sub(self, before: Cpu) -> Cpu {
        Cpu { ns: self.ns.saturating_sub(before.ns) }
    }
}

/// A tick of /proc/PID/stat: USER_HZ is 100 on every Linux that is met (proc(5)).
const TICK_NS: u64 = 10_000_000;

fn file(pid: u32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

/// The fields of /proc/PID/stat after the command's name, which may hold blanks.
fn stat(pid: u32) -> Vec<u64> {
    let text = fs::read_to_string(file(pid, "stat")).unwrap_or_default();
    let Some((_, rest)) = text.rsplit_once(')') else { return Vec::new() };
    rest.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect()
}

/// A process with all its threads, those that ended included.
pub fn of_process(pid: u32) -> Cpu {
    let fields = stat(pid);
    // utime and stime are fields 14 and 15 of the line; the state, field 3, is our first.
    let ticks: u64 = fields.iter().skip(11).take(2).sum();
    Cpu { ns: ticks * TICK_NS }
}

/// A process, its children, and its children that ended.
pub fn of_family(pid: u32) -> Cpu {
    let ended: u64 = stat(pid).iter().skip(13).take(2).sum();
    children(pid).into_iter().map(of_process).fold(of_process(pid) + Cpu { ns: ended * TICK_NS }, Add::add)
}

/// The processes that a process started and that live.
pub fn children(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// The threads that live, to the nanosecond.
pub fn of_threads(pid: u32) -> Cpu {
    let threads = fs::read_dir(file(pid, "task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Cpu { ns: spent.sum() }
}

/// Proportional set size: memory of its own and its share of what it shares.
pub fn memory_kib(pid: u32) -> u64 {
    let text = fs::read_to_string(file(pid, "smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_is_seen_to_work() {
        let pid = std::process::id();
        let before = of_threads(pid);
        let mut sum = 0_u64;
        while (of_threads(pid) - before).ns < 5_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(memory_kib(pid) > 100, "a process has some memory");
        assert!(of_family(pid) >= of_process(pid));
    }
}
