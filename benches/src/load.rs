//! Driving the server: clients that ask as fast as they are answered, or at a pace.

use crate::{client::Wire, proc::Cpu};
use futures_util::future::join_all;
use std::{
    borrow::Cow,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// What a client asks, and what it takes for an answer.
pub struct Ask<'a> {
    pub request: Cow<'a, [u8]>,
    pub status: u16,
    /// Stands in the body; empty for any.
    pub says: &'static str,
}

impl<'a> Ask<'a> {
    /// Expects 200.
    pub fn ok(request: impl Into<Cow<'a, [u8]>>, says: &'static str) -> Ask<'a> {
        Ask { request: request.into(), status: 200, says }
    }
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    pub asked: u64,
    pub errors: u64,
    pub first_error: Option<String>,
    pub elapsed: Duration,
    pub latencies_us: Vec<u32>,
    /// Filled in by who watches the processes.
    pub cpu: Cpu,
}

impl Sample {
    fn error(&mut self, what: String) {
        self.errors += 1;
        self.first_error.get_or_insert(what);
    }

    fn add(&mut self, other: Sample) {
        self.asked += other.asked;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        self.latencies_us.extend(other.latencies_us);
    }

    /// Adds one that was asked elsewhere.
    pub fn push(&mut self, latency: Duration) {
        self.asked += 1;
        self.latencies_us.push(us(latency));
    }

    /// The latency that so many percent stay within, in ns.
    pub fn percentile_ns(&self, percent: usize) -> i64 {
        let mut sorted = self.latencies_us.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0, |us| i64::from(*us) * 1_000)
    }

    /// Processor time for one request, in ns.
    pub fn cpu_each_ns(&self) -> i64 {
        i64::try_from(self.cpu.ns / self.asked.max(1)).unwrap_or(i64::MAX)
    }

    /// Requests in a second.
    pub fn per_second(&self) -> i64 {
        let us = u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
        i64::try_from(self.asked * 1_000_000 / us).unwrap_or(i64::MAX)
    }
}

/// Clients that ask again as soon as they are answered, until the time is over or
/// there is nothing left to ask. `next` is told which client and its how manyeth.
pub async fn closed<'a>(
    address: SocketAddr,
    clients: usize,
    time: Duration,
    next: impl Fn(usize, usize) -> Option<Ask<'a>>,
) -> Sample {
    let begun = Instant::now();
    let next = &next;
    let client = async |client: usize| {
        let mut sample = Sample::default();
        let mut wire = None;
        for turn in 0.. {
            if begun.elapsed() >= time {
                break;
            }
            let Some(ask) = next(client, turn) else { break };
            let asked = Instant::now();
            carry_out(&mut wire, address, &ask, &mut sample).await;
            sample.latencies_us.push(us(asked.elapsed()));
        }
        sample
    };
    whole(begun, join_all((0..clients).map(client)).await)
}

/// Clients that together ask so often in a second. Who is answered late counts from
/// when they wanted to ask.
pub async fn paced<'a>(
    address: SocketAddr,
    clients: usize,
    (per_second, time): (u32, Duration),
    next: impl Fn(usize, usize) -> Option<Ask<'a>>,
) -> Sample {
    let begun = Instant::now();
    let next = &next;
    let client = async |client: usize| {
        let mut sample = Sample::default();
        let mut wire = None;
        let mut free_since = begun;
        for turn in 0.. {
            let place = u32::try_from(turn * clients + client).unwrap_or(u32::MAX);
            let wanted = begun + Duration::from_secs(1) * place / per_second;
            if wanted.duration_since(begun) >= time {
                break;
            }
            tokio::time::sleep_until(wanted.into()).await;
            let asked = if free_since > wanted { wanted } else { Instant::now() };
            let Some(ask) = next(client, turn) else { break };
            carry_out(&mut wire, address, &ask, &mut sample).await;
            free_since = Instant::now();
            sample.latencies_us.push(us(free_since.duration_since(asked)));
        }
        sample
    };
    whole(begun, join_all((0..clients).map(client)).await)
}

fn us(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

fn whole(begun: Instant, samples: Vec<Sample>) -> Sample {
    let mut sum = Sample { elapsed: begun.elapsed(), ..Sample::default() };
    for sample in samples {
        sum.add(sample);
    }
    sum
}

async fn carry_out(wire: &mut Option<Wire>, address: SocketAddr, ask: &Ask<'_>, sample: &mut Sample) {
    sample.asked += 1;
    if wire.is_none() {
        match Wire::connect(address).await {
            Ok(connected) => *wire = Some(connected),
            Err(error) => return sample.error(format!("no connection: {error}")),
        }
    }
    let Some(connected) = wire else { return };
    match connected.ask(&ask.request).await {
        Ok(answer) if answer.status == ask.status && (ask.says.is_empty() || answer.says(ask.says)) => {}
        Ok(answer) => {
            let text: String = answer.text().chars().take(300).collect();
            sample.error(format!("{} instead of {} {}: {text}", answer.status, ask.status, ask.says));
        }
        Err(error) => {
            *wire = None;
            sample.error(format!("the connection broke: {error}"));
        }
    }
}
